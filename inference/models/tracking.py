"""The pitch of a whole recording."""

from collections.abc import Callable

import numpy as np

from inference.audio.framing import Flags, Samples, centred_windows, level_db, windows_all_true
from inference.domain.track import PitchTrack
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
    """Frame i is centred on sample i * hop; frames with unmeasured samples are unvoiced; `on_progress` gets 0..1."""
    hop_samples = round(hop_s * SAMPLE_RATE_HZ)
    windows = centred_windows(samples, WINDOW_SAMPLES, hop_samples)
    is_measured = windows_all_true(measured, WINDOW_SAMPLES, hop_samples)
    f0_hz, periodicity = np.zeros(len(windows)), np.zeros(len(windows))
    voicing = Voicing(hop_s)
    for start in range(0, len(windows), BATCH_WINDOWS):
        places = start + np.flatnonzero(is_measured[start : start + BATCH_WINDOWS])
        if len(places):
            batch = windows[places]
            pitches = estimator.estimate(batch)
            periodicity[places] = pitches.periodicity
            frames = zip(places, pitches.f0_hz, pitches.periodicity, level_db(batch), strict=True)
            for place, frame_f0_hz, frame_periodicity, frame_db in frames:
                f0_hz[place] = voicing.decide(float(frame_f0_hz), float(frame_periodicity), float(frame_db))
        if on_progress:
            on_progress(min(1.0, (start + BATCH_WINDOWS) / len(windows)))
    return PitchTrack(0.0, hop_s, f0_hz, periodicity, is_measured, estimator.name)
