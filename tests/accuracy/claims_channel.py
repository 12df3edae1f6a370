"""Laws 10, 11 and 12 on sound: what lies between the voice and the judge costs nothing."""

import itertools
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO

import numpy as np
import soundfile
import soxr

from inference.audio.files import load_mono_16k
from inference.domain.reference import with_notes
from inference.domain.track import PitchTrack
from inference.models.crepe_onnx import Int8Crepe
from inference.models.estimators import EstimatorName, build_estimator
from tests.accuracy.claims import Claim
from tests.accuracy.claims_nothing import backing
from tests.accuracy.takes import (
    ORIGINALS,
    Flags,
    Original,
    Samples,
    parts_of,
    score_of,
    tracked,
)
from tests.support.channel import (
    SAMPLE_RATE_HZ,
    in_a_room,
    through_a_phone,
    through_opus,
    with_bleed,
    with_lost_packets,
    with_noise,
)
from tests.support.live_take import live_pitch
from tests.unit.synthetic_singers import RULES

CHANNEL_COSTS = 3.0
ESTIMATORS_DIFFER = 3.0
LOST_SHARE = 0.05
OTHER_ESTIMATORS: tuple[EstimatorName, ...] = ("tiny", "swift-f0")
Heard = tuple[Samples, Flags | None]


def claims() -> list[Claim]:
    """Every claim of this file."""
    return [*channel(), *live(), *same_take(), *other_networks()]


def _whole(change: Callable[[Samples], Samples], sound: Samples) -> Heard:
    return change(sound), None


def _bleeding(bleed_db: float, sound: Samples) -> Samples:
    return with_bleed(sound, backing(), bleed_db)


CHANNELS: dict[str, Callable[[Samples], Heard]] = {
    "Opus at 32 kbit/s": partial(_whole, through_opus),
    "5 % of the packets lost": partial(with_lost_packets, share=LOST_SHARE),
    "room noise at 20 dB": partial(_whole, partial(with_noise, snr_db=20.0)),
    "a phone's equaliser": partial(_whole, through_a_phone),
    "a room that rings for 0.4 s": partial(_whole, in_a_room),
    "music bleeding at -30 dB": partial(_whole, partial(_bleeding, -30.0)),
    "music bleeding at -20 dB": partial(_whole, partial(_bleeding, -20.0)),
}


def channel() -> Iterator[Claim]:
    for name, change in CHANNELS.items():
        for original in ORIGINALS:
            for part in ("pitch", "rhythm"):
                text = f"{name}, {original.name}: {part} lost"
                yield Claim(10, text, partial(_lost, original, change, part), CHANNEL_COSTS)


def _lost(original: Original, change: Callable[[Samples], Heard], part: str) -> float:
    sound, received = change(original.sound())
    clean, heard = original.parts(original.sound()), original.parts(sound, received)
    return float(getattr(clean, part)) - float(getattr(heard, part))


def live() -> Iterator[Claim]:
    for original in ORIGINALS:
        yield Claim(11, f"live against final pitch, {original.name}", partial(_live_apart, original), 3.0)


def _live_apart(original: Original) -> float:
    written = with_notes(original.written(), RULES)
    final = original.parts(original.sound()).pitch
    return abs(live_pitch(original.sound(), written.melody, RULES) - final)


def same_take() -> Iterator[Claim]:
    for original in ORIGINALS:
        yield Claim(12, f"judged twice, {original.name}", partial(_twice_apart, original), 0.0)
        for rate_hz in (44_100, 48_000):
            text = f"as a file of {rate_hz / 1000:g} kHz, {original.name}"
            yield Claim(12, text, partial(_resampled_apart, original, rate_hz), 1.0)


def other_networks() -> Iterator[Claim]:
    """Against the one that judges; CREPE full needs a card to be quick enough, and has its own test there."""
    for original, name in itertools.product(ORIGINALS, OTHER_ESTIMATORS):
        text = f"by the estimator {name} alone, {original.name}"
        yield Claim(12, text, partial(_network_apart, original, name), ESTIMATORS_DIFFER)
    for original in ORIGINALS:
        yield Claim(12, f"8-bit against single precision, {original.name}", partial(_int8_apart, original), 1.0)


def _network_apart(original: Original, name: EstimatorName) -> float:
    return _apart(original, tracked(original.sound()), tracked(original.sound(), estimator=build_estimator(name)))


def _int8_apart(original: Original) -> float:
    single, eight_bits = build_estimator("tiny"), Int8Crepe()
    return _apart(
        original, tracked(original.sound(), estimator=single), tracked(original.sound(), estimator=eight_bits)
    )


def _apart(original: Original, one: PitchTrack, other: PitchTrack) -> float:
    """Points between two tracks of one take, in the part where they differ more."""
    a, b = (parts_of(score_of(original.written(), track)) for track in (one, other))
    return max(abs(a.pitch - b.pitch), abs(a.rhythm - b.rhythm))


def _twice_apart(original: Original) -> float:
    """Tracked and judged anew."""
    return _apart(original, tracked(original.sound()), tracked(original.sound(), anew=True))


def _resampled_apart(original: Original, rate_hz: int) -> float:
    return _apart(original, tracked(original.sound()), tracked(_by_file(original, rate_hz)))


@cache
def _by_file(original: Original, rate_hz: int) -> Samples:
    file = BytesIO()
    other_rate = soxr.resample(original.sound(), SAMPLE_RATE_HZ, rate_hz)
    soundfile.write(file, np.clip(other_rate, -1, 1), rate_hz, format="WAV", subtype="PCM_16")
    return load_mono_16k(file.getvalue())
