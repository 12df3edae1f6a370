"""CREPE tiny on a CPU, without torch: in single precision, or with 8 bits where a start-up probe finds that quicker."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from inference.models.crepe import BINS, decode, normalise
from inference.models.crepe_middle import build_middle, features
from inference.models.crepe_opening import build_opening, opened
from inference.models.estimator import WINDOW_SAMPLES, Floats64, FramePitches, Windows

FOLDER = Path(__file__).parent / "weights"
OPENING = FOLDER / "crepe-tiny-opening.npz"  # layers 1 to 4: see crepe_opening.py and crepe_middle.py
CLOSING = FOLDER / "crepe-tiny.onnx"  # the rest
INT8 = FOLDER / "crepe-tiny-int8.onnx"  # the whole network
CALIBRATION = FOLDER / "crepe-tiny-bins.npz"  # what pitch each bin stands for
MAX_TOGETHER = 32  # windows: 2.7 MB of spectra stay in the last cache, and more gain nothing

Activation = NDArray[np.float32]


class OnnxCrepe:
    """A PitchEstimator in single precision: layers 1 to 4 by Fourier transforms, the rest by ONNX Runtime."""

    name = "crepe-tiny"

    def __init__(self, threads: int = 1) -> None:
        with np.load(OPENING) as arrays:
            self._opening = build_opening(arrays["weight"], arrays["bias"])
            self._middle = build_middle(dict(arrays))
        self._closing = _session(CLOSING, threads)
        self.bin_cents = calibrated_bins()
        self.estimate(np.zeros((1, WINDOW_SAMPLES), np.float32))

    def estimate(self, windows: Windows) -> FramePitches:
        return decode(self.activations(windows), self.bin_cents)

    def activations(self, windows: Windows) -> Activation:
        """An ActivationEstimator: what a whole take is decoded from."""
        return _in_parts(windows, self._activation)

    def _activation(self, windows: Windows) -> Activation:
        told = features(self._middle, opened(self._opening, windows), len(windows))
        activation: Activation = self._closing.run(["activation"], {"features": told})[0]
        return activation


class Int8Crepe:
    """A PitchEstimator with 8-bit weights and activations: quick only where the processor multiplies 8 bits (VNNI)."""

    name = "crepe-tiny-int8"

    def __init__(self, threads: int = 1) -> None:
        self._session = _session(INT8, threads)
        self.bin_cents = calibrated_bins()
        self.estimate(np.zeros((1, WINDOW_SAMPLES), np.float32))

    def estimate(self, windows: Windows) -> FramePitches:
        return decode(self.activations(windows), self.bin_cents)

    def activations(self, windows: Windows) -> Activation:
        """An ActivationEstimator: what a whole take is decoded from."""
        return _in_parts(windows, self._activation)

    def _activation(self, windows: Windows) -> Activation:
        activation: Activation = self._session.run(["activation"], {"windows": windows})[0]
        return activation


def calibrated_bins() -> Floats64:
    """Cents above 10 Hz, shape (BINS,): fitted by deploy/crepe_bins.py."""
    with np.load(CALIBRATION) as arrays:
        return np.asarray(arrays["bin_cents"], np.float64)


def _in_parts(windows: Windows, activation: Callable[[Windows], Activation]) -> Activation:
    """Normalised, and not too many at once."""
    normalised = normalise(windows)
    parts = [activation(normalised[i : i + MAX_TOGETHER]) for i in range(0, len(windows), MAX_TOGETHER)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros((0, BINS), np.float32)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Threads that wait without spinning: the media's core is not theirs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
