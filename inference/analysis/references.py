"""What is sung against: a written song, a solo voice, or a solo voice that was analysed before."""

import re
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise

import numpy as np
from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError
from voicejury.v1 import song_pb2

from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.contract import MAX_SONG_S, song_lyrics, song_melody
from inference.domain.melody import Phrase
from inference.domain.reference import Written, with_notes
from inference.domain.rules import ScoringRules
from inference.domain.track import PitchTrack
from inference.errors import SongError
from inference.models.estimator import PitchEstimator
from inference.models.tracking import track_pitch

HOPS_S = (0.001, 0.1)  # of a contour that comes from outside
F0_HZ = (20.0, 8_000.0)  # where it is voiced


def read_reference(song: song_pb2.Song, rules: ScoringRules) -> Written:
    """What should be sung, its notes found where none are written. Raises SongError where there is nothing to sing."""
    given = written_song(song)
    written = with_notes(given, rules)
    notes = [note for phrase in written.melody.phrases for note in phrase.notes]
    shortest_s = 0.0 if given is written else rules.min_note_s
    if any(note.offset_s - note.onset_s >= shortest_s for note in notes):
        return written
    if written.contour is None:
        raise SongError("the song has no notes to sing against")
    if not (written.contour.f0_hz > 0).any():
        raise SongError("the reference has no voiced frame: nobody sings in it")
    raise SongError("no note of the reference lasts long enough to be sung against")


def written_song(song: song_pb2.Song) -> Written:
    """Raises SongError."""
    melody, lyrics = song_melody(song), song_lyrics(song)
    contour = song.voices[0].reference.contour
    return Written(melody, lyrics, _contour(contour) if contour.f0_hz else None)


def _contour(contour: song_pb2.PitchTrack) -> PitchTrack:
    f0_hz = np.array(contour.f0_hz, dtype=np.float64)
    periodicity = np.array(contour.periodicity, dtype=np.float64)
    is_placed = HOPS_S[0] <= contour.hop_s <= HOPS_S[1] and -1.0 <= contour.first_s <= MAX_SONG_S
    if not is_placed or contour.first_s + len(f0_hz) * contour.hop_s > MAX_SONG_S:
        raise SongError("the song's contour has an impossible start, hop or length")
    is_pitch = (f0_hz == 0) | ((f0_hz >= F0_HZ[0]) & (f0_hz <= F0_HZ[1]))
    if len(periodicity) != len(f0_hz) or not is_pitch.all():
        raise SongError("the song's contour is damaged")
    measured = np.ones(len(f0_hz), dtype=np.bool_)
    return PitchTrack(contour.first_s, contour.hop_s, f0_hz, periodicity, measured, contour.estimator)


def solo_song(
    samples: Samples, estimator: PitchEstimator, title: str, on_progress: Callable[[float], None] | None = None
) -> song_pb2.Song:
    """A song whose reference is the recording of a solo voice. Raises SongError where it is too long."""
    if len(samples) > MAX_SONG_S * SAMPLE_RATE_HZ:
        raise SongError(f"a reference lasts {MAX_SONG_S / 60:.0f} minutes at most")
    everything = np.ones(len(samples), dtype=np.bool_)
    song = contour_song(track_pitch(samples, everything, estimator, on_progress=on_progress), title)
    song.duration_s = len(samples) / SAMPLE_RATE_HZ
    return song


def contour_song(track: PitchTrack, title: str) -> song_pb2.Song:
    """A song whose reference is a measured contour."""
    reference = song_pb2.Reference(contour=contour_message(track))
    return song_pb2.Song(title=title, voices=[song_pb2.Voice(name="P1", reference=reference)])


def contour_message(track: PitchTrack) -> song_pb2.PitchTrack:
    return song_pb2.PitchTrack(
        first_s=track.first_s,
        hop_s=track.hop_s,
        f0_hz=track.f0_hz.tolist(),
        periodicity=track.periodicity.tolist(),
        estimator=track.estimator,
    )


def parse_song(content: bytes, is_json: bool) -> song_pb2.Song:
    """A prepared reference: the contract's Song as JSON or as protobuf. Raises SongError."""
    try:
        return Parse(content, song_pb2.Song()) if is_json else song_pb2.Song.FromString(content)
    except (ParseError, DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind = "JSON" if is_json else "protobuf"
        raise SongError(f"not a prepared reference: no voicejury.v1.Song as {kind}") from error


def keep_notes(song: song_pb2.Song, rules: ScoringRules) -> None:
    """Writes the notes that are found in a solo voice into the song. Raises SongError where there are none."""
    melody = song.voices[0].reference.melody if song.voices else None
    if melody is None or not any(phrase.notes for phrase in melody.phrases):
        found = read_reference(song, rules).melody.phrases
        song.voices[0].reference.melody.CopyFrom(song_pb2.Melody(phrases=map(_phrase_message, found)))


def _phrase_message(phrase: Phrase) -> song_pb2.Phrase:
    notes = [song_pb2.Note(onset_s=note.onset_s, offset_s=note.offset_s, midi=note.midi) for note in phrase.notes]
    return song_pb2.Phrase(onset_s=phrase.onset_s, offset_s=phrase.offset_s, notes=notes, text=phrase.text)


def set_lyrics(song: song_pb2.Song, lines: list[str], rules: ScoringRules) -> None:
    """Words in place of the song's own, a line of text for each line of the song. Raises SongError without notes.

    Where the text has another number of lines, its words are shared out over the song's lines by their length.
    """
    keep_notes(song, rules)
    reference = song.voices[0].reference
    phrases = reference.melody.phrases
    texts = [re.findall(r"\S+", line) for line in lines]
    if len(texts) != len(phrases):
        texts = _shared_out([word for words in texts for word in words], [p.offset_s - p.onset_s for p in phrases])
    del reference.lyrics.words[:]
    for number, (phrase, words) in enumerate(zip(phrases, texts, strict=True)):
        phrase.text = phrase.text or " ".join(words)
        for word in words:
            reference.lyrics.words.add(text=word, onset_s=phrase.onset_s, offset_s=phrase.offset_s, phrase=number)


def _shared_out(words: list[str], lengths_s: Iterable[float]) -> list[list[str]]:
    """Consecutive words for each line, as many as its share of the whole length."""
    ends_s = list(accumulate(lengths_s))
    whole_s = ends_s[-1] or 1.0
    edges = [0, *(round(len(words) * end_s / whole_s) for end_s in ends_s[:-1]), len(words)]
    return [words[start:end] for start, end in pairwise(edges)]
