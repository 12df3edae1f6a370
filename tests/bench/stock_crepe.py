"""torchcrepe.predict as its README uses it: the baseline of the pitch benchmarks."""

import importlib
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch

from inference.domain.track import Flags, Floats
from tests.support.channel import SAMPLE_RATE_HZ, Samples

HOP_SAMPLES = 160  # 10 ms, as ours; the README takes 5 ms
FMIN_HZ, FMAX_HZ = (
    50.0,
    1500.0,
)  # C6 and room; at its default of 2006 Hz the edge of its transition matrix draws every path
BATCH = 2048
VOICED = 0.21  # the README's threshold of periodicity, after its median filter over three frames
SMOOTHED_FRAMES = 3
DITHERS = 60  # its decoders add random cents: draws differ by 0.3 % of the frames, the mean of so many by 0.006


def _import_torchcrepe() -> ModuleType:
    """It imports torchaudio to read files, which nothing here asks for; torchaudio does not load beside CPU torch."""
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
    return importlib.import_module("torchcrepe")


@dataclass(frozen=True, slots=True)
class StockTrack:
    """f0 is known for every frame, voiced or not."""

    times_s: Floats
    viterbi_hz: Floats  # its default decoder over the whole sound
    one_hop_hz: Floats  # the same decoder on one hop a call, as a live use must; shape (DITHERS, frames)
    voiced: Flags
    one_hop_voiced: Flags


def stock_track(samples: Samples) -> StockTrack:
    """One pass of the network, decoded both ways."""
    torchcrepe = _import_torchcrepe()
    seen: list[Any] = []

    def viterbi(logits: Any) -> Any:
        seen.append(logits.clone())
        return torchcrepe.decode.viterbi(logits)

    pitch, periodicity = torchcrepe.predict(
        torch.from_numpy(samples)[None],
        SAMPLE_RATE_HZ,
        HOP_SAMPLES,
        FMIN_HZ,
        FMAX_HZ,
        "tiny",
        decoder=viterbi,
        return_periodicity=True,
        batch_size=BATCH,
    )
    logits = torch.cat(seen, dim=2)
    bins, _ = torchcrepe.decode.argmax(logits)  # what viterbi gives for a single frame
    one_hops = [torchcrepe.convert.bins_to_frequency(bins) for _ in range(DITHERS)]
    one_hop_periodicity = logits.gather(1, bins.unsqueeze(1)).squeeze(1)
    times_s = HOP_SAMPLES / SAMPLE_RATE_HZ * np.arange(pitch.shape[1])
    return StockTrack(
        times_s,
        _floats(pitch),
        np.stack([_floats(one_hop) for one_hop in one_hops]),
        _voiced(torchcrepe, periodicity),
        _floats(one_hop_periodicity) >= VOICED,
    )


def _voiced(torchcrepe: ModuleType, periodicity: Any) -> Flags:
    return np.asarray(_floats(torchcrepe.filter.median(periodicity, SMOOTHED_FRAMES)) >= VOICED)


def _floats(row: Any) -> Floats:
    return np.asarray(row[0].numpy(), np.float64)
