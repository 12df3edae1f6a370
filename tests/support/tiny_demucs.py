"""A small HTDemucs in a folder of its own: Demucs' real code, in a second instead of a minute.

Its weights are random, or set by hand so that it finds one kind of voice: one that stands left, as on old karaoke.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from demucs.htdemucs import HTDemucs
from safetensors.torch import save_file

SOURCES = ["drums", "bass", "other", "vocals"]
SEGMENT_S = Fraction(1)
TINY: dict[str, Any] = {
    "sources": SOURCES,
    "channels": 8,
    "depth": 4,
    "nfft": 1_024,
    "bottom_channels": 32,
    "t_layers": 1,
    "t_heads": 2,
    "segment": SEGMENT_S,
}
# As htdemucs was trained (demucs/grids, signature 955717e8): the real size, for timing.
REAL: dict[str, Any] = {
    "sources": SOURCES,
    "channels": 48,
    "depth": 4,
    "nfft": 4_096,
    "bottom_channels": 512,
    "t_layers": 5,
    "t_heads": 8,
    "segment": Fraction(39, 5),
}


VOCALS = SOURCES.index("vocals")
OPEN = 20.0  # as a bias: GELU passes what comes with it, a gate of GLU is open
STRIDE, EDGE = 4, 2  # of the outer layers: samples for a frame, and those before it that its kernel sees


def network(arguments: dict[str, Any], seed: int = 1) -> HTDemucs:
    torch.manual_seed(seed)
    return HTDemucs(**arguments).eval()


def write_th(
    folder: Path,
    name: str,
    arguments: dict[str, Any] = TINY,
    signatures: tuple[str, ...] = ("aaaa0001",),
    weights: list[list[float]] | None = None,
) -> Path:
    """As Demucs was published first: pickled packages, and the bag's yaml; `weights` as its bags have them."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, signature in enumerate(signatures, 1):
        model = network(arguments, seed)
        package = {"klass": HTDemucs, "args": (), "kwargs": dict(arguments), "state": model.state_dict()}
        torch.save(package, folder / f"{signature}.th")
    bag = {"models": list(signatures)} | ({"weights": weights} if weights else {})
    (folder / f"{name}.yaml").write_text(json.dumps(bag))
    return folder


def write_left_hearing(folder: Path, name: str) -> Path:
    """A network whose vocals are the left channel of the mix, sample for sample, and nothing of the right."""
    write_th(folder, name)
    model = network(TINY)
    hear_left(model)
    package = {"klass": HTDemucs, "args": (), "kwargs": dict(TINY), "state": model.state_dict()}
    torch.save(package, folder / "aaaa0001.th")
    return folder


def hear_left(model: HTDemucs) -> None:
    """Leaves one way open: left samples into the first layer over time, by its skip into the last, to the vocals."""
    first, last = model.tencoder[0], model.tdecoder[-1]
    deeper = [model.decoder[-1].conv_tr, model.tdecoder[-2].conv_tr]
    channels = first.conv.out_channels
    with torch.no_grad():
        for layer in [*deeper, first.conv, first.rewrite, last.rewrite, last.conv_tr]:
            layer.weight.zero_()
            layer.bias.zero_()
        for parameter in first.dconv.parameters():
            parameter.zero_()
        first.conv.bias.fill_(OPEN)
        first.rewrite.bias[channels:] = OPEN
        last.rewrite.bias[:channels] = -OPEN
        last.rewrite.bias[channels:] = OPEN
        for place in range(STRIDE):
            first.conv.weight[place, 0, EDGE + place] = 1.0
            first.rewrite.weight[place, place, 0] = 1.0
            last.rewrite.weight[place, place, 1] = 1.0
            last.conv_tr.weight[place, 2 * VOCALS, EDGE + place] = 1.0


def write_safetensors(
    folder: Path, name: str, arguments: dict[str, Any] = TINY, klass: str = "demucs.htdemucs.HTDemucs"
) -> Path:
    """As the hub keeps it."""
    folder.mkdir(parents=True, exist_ok=True)
    kwargs = arguments | {"segment": _fraction(arguments["segment"])}
    metadata = {"klass": klass, "args": "[]", "kwargs": json.dumps(kwargs)}
    save_file(network(arguments).state_dict(), folder / "aaaa0001.safetensors", metadata)
    (folder / f"{name}.yaml").write_text(json.dumps({"models": ["aaaa0001"]}))
    return folder


def _fraction(value: Fraction) -> dict[str, Any]:
    return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
