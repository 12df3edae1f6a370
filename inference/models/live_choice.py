"""The network of the live judge on this machine: CREPE full on a CUDA card, otherwise tiny in 8 bits or 32."""

import logging
from functools import cache
from importlib.util import find_spec

from inference.models.crepe_onnx import Int8Crepe
from inference.models.estimator import PitchEstimator
from inference.models.estimators import build_estimator
from inference.models.probe import probe

logger = logging.getLogger(__name__)


@cache
def build_live_estimator() -> PitchEstimator:
    """Chosen once per process, by measurement; the log says why."""
    return _graphed() or _on_cpu()


def _graphed() -> PitchEstimator | None:
    """None without a card, without torch, or where the card's half precision is off."""
    if find_spec("torch") is None or find_spec("torchcrepe") is None:
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    from inference.models.crepe_graphs import CardDisagreesError, GraphedCrepe

    try:
        return GraphedCrepe("full")
    except CardDisagreesError as error:
        logger.warning("the card is not used live: %s", error)
        return None


def _on_cpu() -> PitchEstimator:
    single = build_estimator("tiny")
    return chosen(single, Int8Crepe())


def chosen(single: PitchEstimator, eight_bits: PitchEstimator) -> PitchEstimator:
    """The quicker of the two, single precision where the 8 bits are off by more than a cent or gain nothing."""
    found = probe(eight_bits, single)
    better = eight_bits if found.passes else single
    logger.info("%s beside %s: %s; live: %s", eight_bits.name, single.name, found.described, better.name)
    return better
