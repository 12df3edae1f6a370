"""CREPE tiny on a CPU by ONNX Runtime; needs no torch."""

from pathlib import Path

import numpy as np
import onnxruntime

from inference.models.crepe import decode, normalise
from inference.models.estimator import WINDOW_SAMPLES, Floats32, FramePitches, Windows

TINY_WEIGHTS = Path(__file__).parent / "weights" / "crepe-tiny.onnx"


class OnnxCrepe:
    """Live judging takes one thread: batching singers is free of charge, another would take the media's core."""

    name = "crepe-tiny"

    def __init__(self, weights: Path = TINY_WEIGHTS, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self.estimate(np.zeros((1, WINDOW_SAMPLES), np.float32))

    def estimate(self, windows: Windows) -> FramePitches:
        return decode(self.activations(windows))

    def activations(self, windows: Windows) -> Floats32:
        """Shape (windows, BINS), 0..1."""
        (activation,) = self._session.run(["activation"], {"windows": normalise(windows)})
        return np.asarray(activation, np.float32)
