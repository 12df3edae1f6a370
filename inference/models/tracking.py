"""The pitch of a whole recording."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inference.audio.framing import Flags, Samples, centred_windows, level_db, windows_all_true
from inference.domain.track import Floats, PitchTrack
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, PitchEstimator
from inference.models.voicing import Voicing

BATCH_WINDOWS = 256  # 1 MB of samples; a progress report every 2.5 s of sound
OnProgress = Callable[[float], None]


def track_pitch(
    samples: Samples,
    measured: Flags,
    estimator: PitchEstimator,
    hop_s: float = 0.010,
    on_progress: OnProgress | None = None,
) -> PitchTrack:
    """Frame i is centred on sample i * hop; `on_progress` gets 0..1.

    Frames with unmeasured samples are unvoiced, and so are quiet ones, whose periodicity is 0: both skip the network.
    """
    hop_samples = round(hop_s * SAMPLE_RATE_HZ)
    windows = centred_windows(samples, WINDOW_SAMPLES, hop_samples)
    is_measured = windows_all_true(measured, WINDOW_SAMPLES, hop_samples)
    voicing = Voicing(hop_s)
    is_loud = np.zeros(len(windows), np.bool_)
    levels_db = level_db(windows)
    for place in np.flatnonzero(is_measured):
        is_loud[place] = voicing.is_loud(float(levels_db[place]))
    raw_hz, periodicity = _estimate(windows, np.flatnonzero(is_loud), estimator, on_progress)
    f0_hz = np.zeros(len(windows))
    for place in np.flatnonzero(is_measured):
        f0_hz[place] = voicing.voiced_hz(float(raw_hz[place]), float(periodicity[place]))
    if on_progress:
        on_progress(1.0)
    return PitchTrack(0.0, hop_s, f0_hz, periodicity, is_measured, estimator.name, levels_db)


def _estimate(
    windows: Samples, places: NDArray[np.intp], estimator: PitchEstimator, on_progress: OnProgress | None
) -> tuple[Floats, Floats]:
    """f0 in Hz and periodicity of every window; 0 where it is not among the places."""
    f0_hz, periodicity = np.zeros(len(windows)), np.zeros(len(windows))
    for start in range(0, len(places), BATCH_WINDOWS):
        batch = places[start : start + BATCH_WINDOWS]
        pitches = estimator.estimate(windows[batch])
        f0_hz[batch], periodicity[batch] = pitches.f0_hz, pitches.periodicity
        if on_progress:
            on_progress((start + len(batch)) / len(places))
    return f0_hz, periodicity
