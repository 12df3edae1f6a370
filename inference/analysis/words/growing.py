"""The sound since the last agreed word, of bounded length, and where in it somebody sings."""

import numpy as np

from inference.analysis.words.cuts import LEAST_MEASURED
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples
from inference.models.estimator import PitchEstimator
from inference.models.tracking import track_pitch

LONGEST_S = 15.0
CONTEXT_S = 6.0  # of agreed words and those after them
LEAD_S = 0.3  # kept before the voice begins
HOP_S = 0.04  # of the pitch that says whether anybody sings
BLOCK = round(0.2 * SAMPLE_RATE_HZ)  # so much at least is asked for its pitch in one go


class Buffer:
    """Its samples, and a flag of voice for each HOP_S."""

    def __init__(self, estimator: PitchEstimator) -> None:
        self._estimator = estimator
        self.clear()

    @property
    def samples(self) -> Samples:
        return self._samples

    @property
    def seconds(self) -> float:
        return len(self._samples) / SAMPLE_RATE_HZ

    @property
    def voiced_s(self) -> float:
        """Since the last agreed word."""
        return float(self._voiced[round(self.agreed_s / HOP_S) :].sum()) * HOP_S

    @property
    def new_voiced_s(self) -> float:
        """Since the last decode."""
        return float(self._voiced[self._decoded :].sum()) * HOP_S

    @property
    def pause_s(self) -> float:
        """Without voice, at the end; 0 where there was none before."""
        places = np.flatnonzero(self._voiced)
        return (len(self._voiced) - 1 - int(places[-1])) * HOP_S if len(places) else 0.0

    def clear(self) -> None:
        self._raw = np.zeros(0, np.float32)  # not asked for its pitch yet
        self._has_missed = False
        self._samples = np.zeros(0, np.float32)
        self._voiced = np.zeros(0, np.bool_)
        self._decoded = 0
        self.agreed_s = 0.0

    def rest(self) -> None:
        """Only what a voice to come may begin with stays."""
        self.cut(max(0.0, self.seconds - LEAD_S))
        self.note_decoded()

    def add(self, samples: Samples, measured: Flags) -> bool:
        """False where too little of it arrived; then it is not added."""
        if len(samples) and float(measured.mean()) < LEAST_MEASURED:
            return False
        self._raw = np.concatenate((self._raw, samples))
        hop = round(HOP_S * SAMPLE_RATE_HZ)
        whole = len(self._raw) // hop * hop
        if whole >= BLOCK:
            new, self._raw = self._raw[:whole], self._raw[whole:]
            track = track_pitch(new, np.ones(len(new), np.bool_), self._estimator, HOP_S)
            self._samples = np.concatenate((self._samples, new))
            self._voiced = np.concatenate((self._voiced, (track.f0_hz > 0)[: whole // hop]))
            self._bound()
        return True

    def note_decoded(self) -> None:
        self._decoded = len(self._voiced)

    def agree(self, until_s: float) -> None:
        """Nothing is expected of what comes before; it goes when the buffer is long, and helps to hear until then."""
        self.agreed_s = until_s
        if self.seconds > CONTEXT_S:
            self.cut(until_s)

    def cut(self, until_s: float) -> None:
        """Takes the beginning off."""
        hops = min(len(self._voiced), int(until_s / HOP_S))
        self._samples = self._samples[round(hops * HOP_S * SAMPLE_RATE_HZ) :]
        self._voiced = self._voiced[hops:]
        self._decoded = max(0, self._decoded - hops)
        self.agreed_s = max(0.0, self.agreed_s - hops * HOP_S)

    def take_missed(self) -> bool:
        """Whether sound was dropped undecoded since this was asked last."""
        has_missed, self._has_missed = self._has_missed, False
        return has_missed

    def _bound(self) -> None:
        """Silence before a voice goes; of a voice that nobody understands only the newest half stays."""
        places = np.flatnonzero(self._voiced)
        silent_s = (int(places[0]) if len(places) else len(self._voiced)) * HOP_S
        if silent_s > LEAD_S:
            self.cut(silent_s - LEAD_S)
        if self.seconds > LONGEST_S:
            self._has_missed = True
            self.cut(self.seconds - LONGEST_S / 2)
