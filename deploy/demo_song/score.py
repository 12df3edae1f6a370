"""What the demo song says and when: lines, notes, syllables and the sounds they are made of."""

from dataclasses import dataclass

from voicejury.v1 import song_pb2

SONG_ID = "demo"
TEMPO_BPM = 112.0
BEAT_S = 60.0 / TEMPO_BPM
INTRO_BEATS = 4.0
PHRASE_BEATS = 8.0  # one line is two bars
OUTRO_S = 3.0
BREATH_BEATS = 0.5  # the last note of a line ends early, the singer breathes
PITCHES = {"C4": 60.0, "D4": 62.0, "E4": 64.0, "F4": 65.0, "G4": 67.0, "A4": 69.0}

AUDIO_KEY = "backing.flac"
GUIDE_KEY = "guide.flac"
COVER_KEY = "cover.svg"


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung note. `sounds` are IPA symbols; the vowel is the one that phonemes.VOWELS knows."""

    text: str
    sounds: str
    pitch: str
    beats: float
    starts_word: bool


@dataclass(frozen=True, slots=True)
class SungNote:
    """A syllable placed in the song."""

    onset_s: float
    offset_s: float
    midi: float
    syllable: Syllable


# text | sounds separated by spaces | pitch | beats; a leading "-" goes on with the word before.
LINES = (
    "Au|o|F4|1 clair|k l ɛ ʁ|F4|1 de|d ə|F4|1 la|l a|G4|1 lu|l y|A4|2 -ne,|n ə|G4|2",
    "mon|m ɔ̃|F4|1 a|a|A4|1 -mi|m i|G4|1 Pier|p j ɛ ʁ|G4|1 -rot,|ʁ o|F4|4",
    "prê|p ʁ ɛ|F4|1 -te|t ə|F4|1 --moi|m w a|F4|1 ta|t a|G4|1 plu|p l y|A4|2 -me|m ə|G4|2",
    "pour|p u ʁ|F4|1 é|e|A4|1 -crire|k ʁ i ʁ|G4|1 un|œ̃|G4|1 mot.|m o|F4|4",
    "Ma|m a|G4|1 chan|ʃ ɑ̃|G4|1 -delle|d ɛ l|G4|1 est|ɛ|G4|1 mor|m ɔ ʁ|D4|2 -te,|t ə|D4|2",
    "je|ʒ ə|G4|1 n'ai|n ɛ|F4|1 plus|p l y|E4|1 de|d ə|D4|1 feu,|f ø|C4|4",
    "ou|u|F4|1 -vre|v ʁ ə|F4|1 --moi|m w a|F4|1 ta|t a|G4|1 por|p ɔ ʁ|A4|2 -te,|t ə|G4|2",
    "pour|p u ʁ|F4|1 l'a|l a|A4|1 -mour|m u ʁ|G4|1 de|d ə|G4|1 Dieu.|d j ø|F4|4",
)
# One chord for every two beats.
_REFRAIN = ("F", "F", "F", "C", "F", "C", "F", "F")
_BRIDGE = ("C", "C", "G", "G", "C", "C", "C", "C")
CHORDS = (*_REFRAIN, *_REFRAIN, *_BRIDGE, *_REFRAIN)
SONG_END_S = (INTRO_BEATS + PHRASE_BEATS * len(LINES)) * BEAT_S
DURATION_S = SONG_END_S + OUTRO_S


def _syllable(cell: str) -> Syllable:
    text, sounds, pitch, beats = cell.split("|")
    return Syllable(text.removeprefix("-"), sounds, pitch, float(beats), not text.startswith("-"))


def _cells(line: str) -> list[str]:
    """The sounds hold spaces, so a cell ends after its fourth field."""
    cells: list[str] = []
    fields = line.split("|")
    text = fields[0]
    for sounds, pitch, beats_and_next in zip(fields[1::3], fields[2::3], fields[3::3], strict=True):
        beats, _, following = beats_and_next.partition(" ")
        cells.append("|".join((text, sounds, pitch, beats)))
        text = following
    return cells


def sung_lines() -> list[list[SungNote]]:
    """The notes of every line, in song seconds."""
    lines = []
    for index, line in enumerate(LINES):
        beat = INTRO_BEATS + PHRASE_BEATS * index
        notes = []
        syllables = [_syllable(cell) for cell in _cells(line)]
        for place, syllable in enumerate(syllables):
            last = place == len(syllables) - 1
            end = beat + syllable.beats - (BREATH_BEATS if last else 0.0)
            notes.append(SungNote(beat * BEAT_S, end * BEAT_S, PITCHES[syllable.pitch], syllable))
            beat += syllable.beats
        lines.append(notes)
    return lines


def _words(notes: list[SungNote], phrase: int) -> list[song_pb2.Word]:
    words: list[song_pb2.Word] = []
    for note in notes:
        if note.syllable.starts_word:
            words.append(song_pb2.Word(onset_s=note.onset_s, phrase=phrase))
        words[-1].text += note.syllable.text
        words[-1].offset_s = note.offset_s
    return words


def _phrase(notes: list[SungNote], words: list[song_pb2.Word]) -> song_pb2.Phrase:
    return song_pb2.Phrase(
        onset_s=notes[0].onset_s,
        offset_s=notes[-1].offset_s,
        text=" ".join(word.text for word in words),
        notes=[
            song_pb2.Note(
                onset_s=note.onset_s,
                offset_s=note.offset_s,
                midi=note.midi,
                syllable=note.syllable.text,
                starts_word=note.syllable.starts_word,
            )
            for note in notes
        ],
    )


def build_song() -> song_pb2.Song:
    melody = song_pb2.Melody()
    lyrics = song_pb2.Lyrics(language="fr")
    for index, notes in enumerate(sung_lines()):
        words = _words(notes, index)
        melody.phrases.append(_phrase(notes, words))
        for word in words:
            word.text = word.text.rstrip(".,")
        lyrics.words.extend(words)
    reference = song_pb2.Reference(melody=melody, lyrics=lyrics)
    return song_pb2.Song(
        id=SONG_ID,
        title="Au clair de la lune",
        artist="Traditionnel",
        language="fr",
        duration_s=round(DURATION_S, 3),
        voices=[song_pb2.Voice(name="P1", reference=reference)],
        audio_key=AUDIO_KEY,
        audio_type="audio/flac",
        guide_key=GUIDE_KEY,
        cover_key=COVER_KEY,
        source="demo",
        licence="CC0-1.0",
    )
