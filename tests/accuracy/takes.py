"""Takes in sound and what the judge makes of them. A sound that was tracked once is not tracked again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from inference.analysis.judging import SAMPLE_RATE_HZ, Sung, sung_pitch
from inference.audio.files import load_mono_16k
from inference.domain.melody import Lyrics, Melody
from inference.domain.reference import Written
from inference.domain.rules import ScoringRules
from inference.domain.take_score import Heard, TakeScore, score_take
from inference.domain.track import PitchTrack
from inference.models.estimator import PitchEstimator
from inference.models.estimators import EstimatorName, build_estimator
from tests.support.voice import Voice, sound_of
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import NO_RECOGNISER, NO_WORDS, RULES, Singer, sing, tune

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]
SYNTHETIC_S = 20.0
SEED = 3
FINAL: EstimatorName = "auto"  # what analysis takes where nothing is set
_tracks: dict[tuple[bytes, bytes, str], PitchTrack] = {}


@dataclass(frozen=True, slots=True)
class Parts:
    """Points of a take whose pitch and rhythm were measured."""

    pitch: float
    rhythm: float

    @property
    def least(self) -> float:
        return min(self.pitch, self.rhythm)

    @property
    def most(self) -> float:
        return max(self.pitch, self.rhythm)


@dataclass(frozen=True, slots=True)
class Original:
    """A clean take and what it is judged against."""

    name: str
    sound: Callable[[], Samples]
    written: Callable[[], Written]

    def score(self, sound: Samples, received: Flags | None = None, rules: ScoringRules = RULES) -> TakeScore:
        return score_of(self.written(), tracked(sound, received), rules)

    def parts(self, sound: Samples, received: Flags | None = None) -> Parts:
        return parts_of(self.score(sound, received))

    def lost(self, sound: Samples, received: Flags | None = None) -> float:
        """Points that the sound has less than the clean take, in the part that lost more."""
        clean, heard = self.parts(self.sound()), self.parts(sound, received)
        return max(clean.pitch - heard.pitch, clean.rhythm - heard.rhythm)


def tracked(
    sound: Samples, received: Flags | None = None, estimator: PitchEstimator | None = None, anew: bool = False
) -> PitchTrack:
    """The final pitch of a sound that begins with the song, as the judge takes it, by the estimator that it takes."""
    flags = np.ones(len(sound), np.bool_) if received is None else received
    network = estimator or build_estimator(FINAL)
    key = (hashlib.sha256(sound.tobytes()).digest(), hashlib.sha256(flags.tobytes()).digest(), network.name)
    if anew or key not in _tracks:
        take = Sung(sound, flags, lambda positions: positions / SAMPLE_RATE_HZ)
        _tracks[key], _ = sung_pitch(take, network, RULES)
    return _tracks[key]


def score_of(
    written: Written,
    track: PitchTrack,
    rules: ScoringRules = RULES,
    heard: Heard = NO_RECOGNISER,
    route_latency_s: float | None = None,
) -> TakeScore:
    return score_take(written, track, track.times_s, heard, rules, route_latency_s)


def parts_of(take: TakeScore) -> Parts:
    assert take.pitch is not None, take.reasons
    assert take.rhythm is not None, take.reasons
    return Parts(take.pitch, take.rhythm)


def by_notes(melody: Melody, lyrics: Lyrics = NO_WORDS) -> Written:
    return Written(melody, lyrics, None)


def by_stem(track: PitchTrack) -> Written:
    """A reference that is a solo voice: its notes are found in it."""
    return Written(Melody(()), NO_WORDS, track)


@cache
def synthetic_tune() -> Melody:
    return tune(SEED, SYNTHETIC_S)


def sung_sound(singer: Singer, voice: Voice, melody: Melody | None = None) -> Samples:
    return sound_of(sing(melody or synthetic_tune(), singer), voice)


@cache
def synthetic_sound() -> Samples:
    return sung_sound(Singer(seed=SEED), Voice(seed=SEED))


@cache
def vocadito_sound() -> Samples:
    return load_mono_16k(recording("pitch/vocadito_1/vocadito_1.wav"))


@cache
def vocadito_stem() -> Written:
    return by_stem(tracked(vocadito_sound()))


SYNTHETIC = Original("synthetic voice", synthetic_sound, lambda: by_notes(synthetic_tune()))
VOCADITO = Original("vocadito_1", vocadito_sound, vocadito_stem)
ORIGINALS = (SYNTHETIC, VOCADITO)
FIXED_KEY = replace(RULES, key_free=False)
