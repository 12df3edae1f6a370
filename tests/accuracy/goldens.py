"""Fixed takes and what they earn: `make goldens` writes the points, test_goldens compares.

A rule that changes changes them; the file then shows in a review what the change does to a score.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from inference.domain.melody import Melody
from inference.domain.rules import RULES_VERSION, Level, rules_for
from inference.domain.take_score import Heard, TakeScore
from tests.accuracy.takes import SEED, SYNTHETIC, VOCADITO, by_notes, by_stem, score_of
from tests.support.channel import with_lost_packets, with_noise
from tests.support.corpus import words_of
from tests.support.places import RECORDINGS
from tests.support.transform import transposed
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import Singer, sing, tune, with_gap

FILE = Path(__file__).with_name("goldens.json")
CONTOUR_TOLERANCE = 0.05  # points: the same arithmetic everywhere
SOUND_TOLERANCE = 0.5  # a network rounds differently on another processor
HOW_TO = f"write them anew with `make goldens`, and change RULES_VERSION ({RULES_VERSION}) where a rule changed"
Numbers = dict[str, float | None]


def song() -> Melody:
    return tune(SEED, 20.0)


def _contour(level: Level = Level.NORMAL, **habits: float) -> TakeScore:
    melody = song()
    track = sing(melody, Singer(seed=5, **habits))
    return score_of(by_notes(melody), track, rules_for(level))


def _with_words() -> TakeScore:
    melody = song()
    names = ["un", "deux", "trois", "soleil", "nous", "chantons"]
    renamed = iter(names * 100)
    lines = tuple(replace(p, notes=tuple(replace(n, syllable=next(renamed)) for n in p.notes)) for p in melody.phrases)
    lyrics = words_of(Melody(lines), "fr")
    heard = " ".join(word.text if n % 4 else "autre" for n, word in enumerate(lyrics.words))
    return score_of(by_notes(melody, lyrics), sing(melody, Singer(seed=5, note_sd_cents=40.0)), heard=Heard(heard, ""))


def _with_a_gap() -> TakeScore:
    return score_of(by_notes(song()), with_gap(sing(song(), Singer(seed=5)), 6.0, 11.0))


def _by_a_stem() -> TakeScore:
    return score_of(by_stem(sing(song(), Singer(seed=6))), sing(song(), Singer(seed=5, jitter_s=0.04)))


def _other_song() -> TakeScore:
    return score_of(by_notes(song()), sing(tune(SEED + 1, 20.0), Singer(seed=5)))


def _through_a_lossy_link() -> TakeScore:
    return SYNTHETIC.score(*with_lost_packets(SYNTHETIC.sound(), 0.05))


CONTOURS: dict[str, Callable[[], TakeScore]] = {
    "a good take": _contour,
    "each note out by sd 60 cents": partial(_contour, note_sd_cents=60.0),
    "the same, kind": partial(_contour, Level.KIND, note_sd_cents=60.0),
    "the same, strict": partial(_contour, Level.STRICT, note_sd_cents=60.0),
    "onsets out by sd 80 ms": partial(_contour, jitter_s=0.08),
    "a third of the notes left out": partial(_contour, drop=0.33),
    "five semitones up and 300 ms late": partial(_contour, cents=500.0, late_s=0.3),
    "three per cent slow": partial(_contour, tempo=1.03),
    "a quarter of the words wrong": _with_words,
    "five seconds lost": _with_a_gap,
    "against a stem, onsets out by sd 40 ms": _by_a_stem,
    "another song": _other_song,
}
SOUNDS: dict[str, Callable[[], TakeScore]] = {
    "sound: a synthetic voice": lambda: SYNTHETIC.score(SYNTHETIC.sound()),
    "sound: each note out by sd 60 cents": lambda: SYNTHETIC.score(
        sound_of(sing(song(), Singer(seed=5, note_sd_cents=60.0)), Voice(seed=5))
    ),
    "sound: pink noise at 10 dB": lambda: SYNTHETIC.score(with_noise(SYNTHETIC.sound(), 10.0)),
    "sound: five per cent of the packets lost": _through_a_lossy_link,
}
RECORDED: dict[str, Callable[[], TakeScore]] = {
    "vocadito_1 against itself": lambda: VOCADITO.score(VOCADITO.sound()),
    "vocadito_1 four semitones up": lambda: VOCADITO.score(transposed(VOCADITO.sound(), 4.0)),
}


def numbers_of(take: TakeScore) -> Numbers:
    """What is compared: points, and the key, the latency in ms and the share that was heard."""
    return {
        "pitch": take.pitch,
        "rhythm": take.rhythm,
        "lyrics": take.lyrics.points if take.lyrics else None,
        "total": take.total,
        "key_semitones": take.sung.placement.key_semitones,
        "latency_ms": 1000.0 * take.latency_s,
        "measured_percent": 100.0 * take.measured,
        "chance_pitch_percent": 100.0 * take.chance.pitch,
        "chance_rhythm_percent": 100.0 * take.chance.rhythm,
    }


def rounded(numbers: Numbers) -> Numbers:
    """To a tenth, as the file keeps them."""
    return {name: None if value is None else round(value, 1) + 0.0 for name, value in numbers.items()}


def read() -> dict[str, Numbers]:
    """The points as they were written, by take."""
    document: dict[str, dict[str, Numbers]] = json.loads(FILE.read_text(encoding="utf-8"))
    return document["takes"]


def main() -> int:
    if not RECORDINGS.is_dir():
        print("the goldens of recordings need VOICEJURY_TEST_DATA", file=sys.stderr)
        return 1
    takes = {name: rounded(numbers_of(make())) for name, make in {**CONTOURS, **SOUNDS, **RECORDED}.items()}
    document = {"rules_version": RULES_VERSION, "takes": takes}
    FILE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(takes)} takes written to {FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
