"""CREPE on a CUDA card for live singing: half precision, fixed batch sizes, one CUDA graph for each.

A graph replays the kernels of one size without the launches, which should cost more than the network does for a few
singers: no card has run this yet, so it is not measured.
"""

from threading import Lock

import numpy as np
import torch
from torch import Tensor

from inference.models.batches import SIZES, in_batches
from inference.models.crepe import BINS, EVEN_BINS, decode, normalise
from inference.models.crepe_torch import Capacity, CrepeNetwork
from inference.models.estimator import WINDOW_SAMPLES, Floats32, FramePitches, Windows
from inference.models.probe import MAX_ERROR_CENTS, probe_windows

WARM_UPS = 3  # before a capture, on a stream of their own: cuDNN chooses its kernels meanwhile


class CardDisagreesError(Exception):
    """Half precision on this card is not what single precision is."""


class Graph:
    """The network for one batch size: its input and output stay where they are on the card."""

    def __init__(self, network: CrepeNetwork, size: int) -> None:
        self._windows = torch.zeros(size, WINDOW_SAMPLES, dtype=torch.float16, device="cuda")
        self._sent = torch.zeros(size, WINDOW_SAMPLES, dtype=torch.float16, pin_memory=True)
        self._told = torch.zeros(size, BINS, dtype=torch.float16, pin_memory=True)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                network(self._windows)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._activation: Tensor = network(self._windows)

    def activation(self, windows: Windows) -> Floats32:
        """Of at most `size` normalised windows; the rest of the batch keeps what it held."""
        count = len(windows)
        self._sent[:count] = torch.from_numpy(windows)
        self._windows.copy_(self._sent, non_blocking=True)
        self._graph.replay()
        self._told.copy_(self._activation, non_blocking=True)
        torch.cuda.current_stream().synchronize()
        activation: Floats32 = self._told[:count].float().numpy()
        return activation


class GraphedCrepe:
    """A PitchEstimator on a CUDA card. Raises CardDisagreesError where half precision is off by more than a cent."""

    bin_cents = EVEN_BINS

    def __init__(self, capacity: Capacity, sizes: tuple[int, ...] = SIZES) -> None:
        self.name = f"crepe-{capacity}"
        self._sizes = sizes
        self._lock = Lock()  # the buffers are one caller's at a time
        half = CrepeNetwork(capacity).to("cuda", torch.float16)
        with torch.inference_mode():
            self._graphs = {size: Graph(half, size) for size in sizes}
        cents = self._cents_off(CrepeNetwork(capacity).to("cuda"))
        if not cents <= MAX_ERROR_CENTS:
            raise CardDisagreesError(f"half precision is {cents:.2f} cents off single precision")

    def estimate(self, windows: Windows) -> FramePitches:
        return decode(self.activations(windows))

    def activations(self, windows: Windows) -> Floats32:
        """An ActivationEstimator: shape (windows, BINS)."""
        with self._lock, torch.inference_mode():
            parts = in_batches(normalise(windows), self._activation, self._sizes)
        return np.concatenate(parts) if parts else np.zeros((0, BINS), np.float32)

    def _activation(self, windows: Windows, size: int) -> Floats32:
        return self._graphs[size].activation(windows)

    def _cents_off(self, single: CrepeNetwork) -> float:
        """The median distance of the graphs from the network in single precision, on the built-in windows."""
        windows = probe_windows()
        with torch.inference_mode():
            activation = single(torch.from_numpy(normalise(windows)).to("cuda")).cpu()
        ratio = self.estimate(windows).f0_hz / decode(activation.numpy()).f0_hz
        return float(np.median(np.abs(1200 * np.log2(ratio))))
