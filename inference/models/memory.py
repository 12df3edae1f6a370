"""What a loaded model holds, and what there is to do when memory does not suffice."""

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from inference import metrics

MB = 1_000_000
SAID = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "std::bad_alloc",
    "could not create a primitive",  # oneDNN, where its buffers find no room
)

logger = logging.getLogger(__name__)


@contextmanager
def measured(model: str, device: str = "cpu") -> Iterator[None]:
    """While a model is loaded: the gauge then holds how much more this process, or the card, has in use."""
    before = _in_use(device)
    yield
    held = max(0, _in_use(device) - before)
    metrics.MODEL_MEMORY_BYTES.labels(model, device).set(held)
    logger.info("%s is loaded: %d MB on %s", model, held // MB, device)


def forget(model: str, device: str = "cpu") -> None:
    """The model's last reference is gone: what it held goes back to the system, as far as the allocator lets go."""
    gc.collect()
    empty_cache()
    metrics.MODEL_MEMORY_BYTES.labels(model, device).set(0)
    logger.info("%s was not used for a while and is put away", model)


def empty_cache() -> None:
    """Of torch, where it is loaded and has a card."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Torch raises a class of its own for a card, a RuntimeError with the system's words for the host."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(said in text for said in SAID)


def _in_use(device: str) -> int:
    torch: Any = sys.modules.get("torch")
    if device.startswith("cuda") and torch is not None:
        return int(torch.cuda.memory_allocated(device))
    return int(psutil.Process().memory_info().rss)
