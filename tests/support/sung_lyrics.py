"""Lyrics that a synthetic voice sings: the onset of each word is exact.

Each word is sung on as many notes as our rules count syllables, now and then on one more; notes are of any length, a
line ends on a long one, and a rest follows. The times are drawn before anything is timed.
"""

from dataclasses import dataclass

import numpy as np

from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.syllables import syllables
from inference.domain.track import PitchTrack
from tests.support.channel import Samples
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import SCALE, Singer, sing

TEXTS = {
    "fr": """Sous le pont de la rivière
les bateaux s'en vont au loin
et la lune solitaire
veille encore sur le chemin
Dans la ville endormie
une fenêtre s'allume
et quelqu'un chante la vie
derrière un rideau de brume""",
    "en": """Every morning down the valley
I can hear the river calling
over mountains over meadows
where the silver rain is falling
Take me home before the winter
there is nothing left to follow
only shadows in the garden
only footsteps and tomorrow""",
    "es": """La tristeza de la calle
no se olvida de tu nombre
cuando cae la mañana
y despierta cada hombre
Nadie sabe por qué canto
con la voz tan desgastada
si la noche se ha llevado
lo que tanto me gustaba""",
}
FIRST_S = 2.0
LENGTHS_S, SHARES = (0.16, 0.22, 0.3, 0.42, 0.6), (0.15, 0.3, 0.3, 0.17, 0.08)
FINAL_S, REST_S = (0.5, 1.4), (0.35, 1.6)
ONE_MORE_NOTE = 0.12  # of the words
TAIL_S = 1.5


@dataclass(frozen=True, slots=True)
class SungWord:
    text: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class SungLyrics:
    language: str
    lines: tuple[tuple[SungWord, ...], ...]
    track: PitchTrack  # what is sung, exactly
    sound: Samples  # 16 kHz

    @property
    def duration_s(self) -> float:
        return len(self.sound) / 16_000

    @property
    def onsets_s(self) -> list[float]:
        return [word.onset_s for line in self.lines for word in line]


def sung_lyrics(language: str, seed: int, lines: int = 8) -> SungLyrics:
    rng = np.random.default_rng(seed)
    now_s, phrases, written = FIRST_S, [], []
    for text in TEXTS[language].splitlines()[:lines]:
        words, notes = _line(text.split(), language, now_s, rng)
        written.append(words)
        phrases.append(Phrase(notes[0].onset_s, notes[-1].offset_s, tuple(notes), text))
        now_s = notes[-1].offset_s + float(rng.uniform(*REST_S))
    track = sing(Melody(tuple(phrases)), Singer(seed=seed, note_sd_cents=15.0))
    return SungLyrics(language, tuple(written), track, sound_of(track, Voice(seed=seed)))


def _line(
    texts: list[str], language: str, now_s: float, rng: np.random.Generator
) -> tuple[tuple[SungWord, ...], list[Note]]:
    degree = int(rng.integers(0, 5))
    words: list[SungWord] = []
    notes: list[Note] = []
    for number, text in enumerate(texts):
        onset_s = now_s
        count = syllables(text, language) + int(rng.random() < ONE_MORE_NOTE)
        for place in range(count):
            is_final = number == len(texts) - 1 and place == count - 1
            length_s = float(rng.uniform(*FINAL_S)) if is_final else float(rng.choice(LENGTHS_S, p=SHARES))
            degree = int(np.clip(degree + rng.choice([-2, -1, 0, 1, 2], p=[0.15, 0.25, 0.2, 0.25, 0.15]), -2, 8))
            midi = 57.0 + 12 * (degree // 7) + SCALE[degree % 7]
            notes.append(Note(now_s, now_s + length_s, midi, NoteKind.NORMAL, text if not place else "~", place == 0))
            now_s += length_s
        words.append(SungWord(text, onset_s, now_s))
    return tuple(words), notes
