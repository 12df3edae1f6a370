"""Laws 1, 5, 6, 7 and 9 on sound: a synthetic voice against its notes, vocadito_1 against itself."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from inference.domain.track import PitchTrack
from tests.accuracy.claims import Claim
from tests.accuracy.takes import (
    FIXED_KEY,
    ORIGINALS,
    SEED,
    SYNTHETIC,
    VOCADITO,
    Original,
    by_stem,
    parts_of,
    score_of,
    sung_sound,
    synthetic_sound,
    tracked,
    vocadito_sound,
)
from tests.support.channel import SAMPLE_RATE_HZ
from tests.support.transform import delayed, stretched, transposed
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import Singer

TRANSFORM_COSTS = 3.0  # points that the stretching of sound itself may cost
STRONG = Voice(consonant_db=-4.0, breath_db=-22.0, shimmer=0.12, seed=SEED)
GOOD_SINGER = Singer(seed=SEED)


def claims() -> list[Claim]:
    """Every claim of this file."""
    return [*identity(), *octave_and_key(), *latency_and_tempo(), *coverage(), *ornaments()]


def identity() -> Iterator[Claim]:
    yield Claim(1, "a synthetic voice against its notes", partial(_against_itself, SYNTHETIC), 98.0, True)
    yield Claim(1, "vocadito_1 against itself", partial(_against_itself, VOCADITO), 98.0, True)
    yield Claim(1, "another take by another voice against the first as stem", _another_take, 98.0, True)


def _against_itself(original: Original) -> float:
    return original.parts(original.sound()).least


def _another_take() -> float:
    other = sung_sound(Singer(seed=SEED + 1), Voice(tract=0.92, seed=SEED + 1))
    return parts_of(score_of(by_stem(tracked(synthetic_sound())), tracked(other))).least


def octave_and_key() -> Iterator[Claim]:
    for original in ORIGINALS:
        for semitones in (-12.0, 12.0, 4.0, -3.0):
            yield Claim(
                5,
                f"{original.name} {semitones:+.0f} semitones costs",
                partial(_lost_by_transposing, original, semitones),
                TRANSFORM_COSTS,
            )
        yield Claim(5, f"{original.name} +4 semitones is told as +4", partial(_key_error, original, 4.0), 0.0)
        yield Claim(
            5,
            f"{original.name} +4 semitones in the fixed key: pitch",
            partial(_fixed_key_pitch, original, 4.0),
            10.0,
        )
    yield Claim(5, "vocadito_1 as it is, against itself an octave higher, loses", _below_the_original, TRANSFORM_COSTS)
    for cents, least in ((20.0, 98.0), (50.0, 90.0)):
        yield Claim(5, f"vocadito_1 {cents:.0f} cents sharp", partial(_detuned, cents), least, True)
    for semitones in (-12.0, 4.0):
        yield Claim(
            5,
            f"the f0 of vocadito_1 sung again by a synthetic voice {semitones:+.0f} semitones",
            partial(_sung_again, semitones),
            98.0,
            True,
        )


def _lost_by_transposing(original: Original, semitones: float) -> float:
    return original.lost(transposed(original.sound(), semitones))


def _below_the_original() -> float:
    """The voice is untouched; it is the original that was stretched."""
    higher = by_stem(tracked(transposed(vocadito_sound(), 12.0)))
    return 100.0 - parts_of(score_of(higher, tracked(vocadito_sound()))).least


def _key_error(original: Original, semitones: float) -> float:
    take = original.score(transposed(original.sound(), semitones))
    return abs(take.sung.placement.key_semitones - semitones)


def _fixed_key_pitch(original: Original, semitones: float) -> float:
    return parts_of(original.score(transposed(original.sound(), semitones), rules=FIXED_KEY)).pitch


def _detuned(cents: float) -> float:
    return VOCADITO.parts(transposed(vocadito_sound(), cents / 100.0)).least


def _sung_again(semitones: float) -> float:
    stem = tracked(vocadito_sound())
    moved: PitchTrack = replace(stem, f0_hz=stem.f0_hz * 2.0 ** (semitones / 12.0))
    return VOCADITO.parts(sound_of(moved, Voice(seed=SEED))).least


def latency_and_tempo() -> Iterator[Claim]:
    for late_s in (0.15, 0.3, 0.5):
        yield Claim(6, f"vocadito_1 {1000 * late_s:.0f} ms late costs", partial(_lost_by_delay, late_s), 1.0)
    yield Claim(6, "300 ms late is told within", partial(_latency_error_ms, 0.3), 20.0, unit="ms")
    for original in ORIGINALS:
        for tempo in (1.03, 1.1):
            text = f"{original.name} {100 * (tempo - 1):.0f} % faster: rhythm"
            yield Claim(6, text, partial(_rhythm_at, original, tempo), 40.0)


def _lost_by_delay(late_s: float) -> float:
    return VOCADITO.lost(delayed(vocadito_sound(), late_s))


def _latency_error_ms(late_s: float) -> float:
    return 1000.0 * abs(VOCADITO.score(delayed(vocadito_sound(), late_s)).latency_s - late_s)


def _rhythm_at(original: Original, tempo: float) -> float:
    return original.parts(stretched(original.sound(), tempo)).rhythm


def coverage() -> Iterator[Claim]:
    for original in ORIGINALS:
        yield Claim(
            7, f"{original.name} left at half of its notes, the lesser part", partial(_left, original, 0), 40, True
        )
        yield Claim(7, f"{original.name} left at half of its notes, the greater part", partial(_left, original, 1), 65)


def _left(original: Original, which: int) -> float:
    """The lesser (0) or the greater (1) part of a take that ends at the onset of the middle note."""
    sound = original.sound()
    onsets_s = [slot.note.onset_s for slot in original.score(sound).slots]
    kept = round(float(np.median(onsets_s)) * SAMPLE_RATE_HZ)
    parts = original.parts(np.concatenate([sound[:kept], np.zeros(len(sound) - kept, np.float32)]))
    return (parts.least, parts.most)[which]


def ornaments() -> Iterator[Claim]:
    ways = {
        "vibrato of 100 cents at 6 Hz": (replace(GOOD_SINGER, vibrato_cents=100.0, vibrato_hz=6.0), Voice(seed=SEED)),
        "scoops of 115 ms": (replace(GOOD_SINGER, scoop_s=0.115), Voice(seed=SEED)),
        "loud consonants and breath": (GOOD_SINGER, STRONG),
        "consonants of 90 ms": (replace(GOOD_SINGER, consonant_s=0.05), STRONG),
    }
    for name, (singer, voice) in ways.items():
        yield Claim(9, f"{name} cost", partial(_lost_by_singing, singer, voice), 2.0)


def _lost_by_singing(singer: Singer, voice: Voice) -> float:
    return SYNTHETIC.lost(sung_sound(singer, voice))
