"""Demucs' own way through a song (`demucs.apply.apply_model`), but in batches, in half precision, the voice alone."""

import logging
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inference import metrics
from inference.models.card import ALONE, FinalAfter
from inference.models.demucs_options import DemucsOptions
from inference.models.demucs_weights import load_bag, vocal_networks
from inference.models.estimator import OnProgress
from inference.models.memory import empty_cache, is_out_of_memory
from inference.models.separator import SEPARATION_RATE_HZ, Stereo

logger = logging.getLogger(__name__)

GPU_BATCH = 8  # segments of 7.8 s, about 6 GB
LEAST_SHARE = 0.25  # of the segment as trained: shorter ones hear too little of the song
MAX_SHIFT_S = 0.5
TINY = 1e-8  # as in demucs.api


@dataclass(frozen=True, slots=True)
class Segment:
    """Samples [first, first + length) of the song; the last of a song may be shorter."""

    first: int
    length: int


class DemucsNetwork:
    """The loaded weights. Raises ModelMissingError when they cannot be loaded."""

    def __init__(self, options: DemucsOptions, final: FinalAfter = ALONE) -> None:
        torch.set_num_threads(options.threads)
        self._options = options
        self._final = final
        self._share = 1.0  # of the segment that the options name
        self._device = torch.device(device_of(options.device))
        self._networks, self._place = vocal_networks(load_bag(options.folder, options.model))
        for network, _ in self._networks:
            network.eval().to(self._device)
        self._batch = options.batch or (GPU_BATCH if self._device.type == "cuda" else 1)
        self._precision = Precision(options.precision, self._device)

    def vocals(self, mix: Stereo, on_progress: OnProgress) -> Stereo:
        """Shape as `mix`, which stays as it is."""
        mean, deviation = _level_of(mix)
        shifts = self._shifts()
        told = Share(on_progress, len(self._networks) * len(shifts))
        out: Stereo | None = None  # a long song takes half a gigabyte: no copy more than needed
        for network, share in self._networks:
            for shift in shifts:
                voice = self._pass(network, _Song(mix, mean, deviation, shift), told.next())
                voice *= np.float32(share / len(shifts))
                out = voice if out is None else np.add(out, voice, out=out)
        assert out is not None
        out *= np.float32(deviation)
        out += np.float32(mean)
        return out

    def _shifts(self) -> list[int]:
        """Samples of silence put before the song; spread evenly, where Demucs throws dice."""
        count = self._options.shifts
        return [round(MAX_SHIFT_S * SEPARATION_RATE_HZ * k / count) for k in range(count)] if count else [0]

    def _pass(self, network: Any, song: "_Song", tell: OnProgress) -> Stereo:
        """One network over the whole song, from its beginning again where its segments turn out too long."""
        while True:
            try:
                return self._segments_of(network, song, tell)
            except _TooLongError:
                logger.info("the song is begun again")

    def _segments_of(self, network: Any, song: "_Song", tell: OnProgress) -> Stereo:
        """Overlapping segments, each weighted by a triangle. Raises _TooLongError."""
        network.use_train_segment = self._share == 1.0  # otherwise shorter ones are padded and save nothing
        segment_s = self._share * min(self._options.segment_s or network.segment, network.segment)
        segment_samples = int(SEPARATION_RATE_HZ * segment_s)
        segments = _segments(song.samples, segment_samples, self._options.overlap)
        weight = _triangle(segment_samples)
        sums, weights = np.zeros((2, song.samples), np.float32), np.zeros(song.samples, np.float32)
        done = 0
        while done < len(segments):
            batch = segments[done : done + self._batch]
            self._final.stand_back()
            voices = self._forward(network, song, batch, segment_samples)
            if voices is None:
                continue  # in a smaller batch
            for segment, voice in zip(batch, voices, strict=True):
                span = slice(segment.first, segment.first + segment.length)
                sums[:, span] += weight[: segment.length] * voice
                weights[span] += weight[: segment.length]
            done += len(batch)
            tell(done / len(segments))
        sums /= weights
        return sums[:, song.shift :]

    def _forward(self, network: Any, song: "_Song", batch: list[Segment], segment_samples: int) -> list[Stereo] | None:
        """The voice of each segment; None where memory did not suffice, and the next batch is to be smaller."""
        window = max(segment_samples, network.valid_length(segment_samples))
        sounds = np.stack([song.around(segment, window) for segment in batch])
        try:
            with self._precision.timed(len(batch)), torch.inference_mode():
                found = network(torch.from_numpy(sounds).to(self._device))[:, self._place].float().cpu().numpy()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or not self._make_do(len(batch)):
                raise
            if len(batch) == 1:
                raise _TooLongError from None
            return None
        return [_centre(voice, segment.length) for voice, segment in zip(found, batch, strict=True)]

    def _make_do(self, batch: int) -> bool:
        """From here on a smaller batch, then shorter segments, then the host; False where all was tried."""
        if batch > 1:
            self._batch = max(1, batch // 2)
            return self._fell_back("batch", f"{self._batch} segments at a time")
        if self._share > LEAST_SHARE:
            self._share /= 2
            return self._fell_back("segment", f"segments of {self._share:.0%} of their length")
        if self._device.type == "cpu":
            return False
        self._device, self._share = torch.device("cpu"), 1.0
        self._precision = Precision("float32", self._device)
        for network, _ in self._networks:
            network.to(self._device)
        return self._fell_back("cpu", "this song on the processor")

    def _fell_back(self, to: str, text: str) -> bool:
        metrics.OUT_OF_MEMORY.labels(to).inc()
        logger.warning("out of memory: %s from here on", text)
        empty_cache()
        return True


class _TooLongError(Exception):
    """The pass must begin again with shorter segments, or elsewhere."""


@dataclass(frozen=True, slots=True)
class _Song:
    """A mix at the level that Demucs was trained on, with `shift` samples of silence before it."""

    mix: Stereo
    mean: float
    deviation: float
    shift: int

    @property
    def samples(self) -> int:
        return int(self.mix.shape[1]) + self.shift

    def around(self, segment: Segment, window: int) -> Stereo:
        """The segment in the middle of `window` samples of the song, zeros beyond its ends."""
        start = segment.first - (window - segment.length) // 2 - self.shift
        end = start + window
        inside = self.mix[:, max(0, start) : max(0, end)]
        level = (inside - np.float32(self.mean)) / np.float32(self.deviation)
        before = min(window, max(0, -start))
        return np.pad(level, ((0, 0), (before, window - before - inside.shape[1])))


class Precision:
    """The precision of the network: on a CPU that has bfloat16, whichever proves quicker on the first two batches."""

    def __init__(self, wish: str, device: torch.device) -> None:
        self._device = device.type
        self._choices = _choices(wish, device.type)
        self._costs_s: list[float] = []

    @property
    def chosen(self) -> torch.dtype | None:
        """None while two are still tried."""
        return self._choices[0] if len(self._choices) == 1 else None

    def timed(self, segments: int) -> "_TimedAutocast":
        dtype = self._choices[len(self._costs_s) % len(self._choices)]
        return _TimedAutocast(self, segments, torch.autocast(self._device, dtype=dtype, enabled=dtype != torch.float32))

    def took(self, segment_s: float) -> None:
        """Settles for the quickest once each was tried."""
        if len(self._choices) == 1:
            return
        self._costs_s.append(segment_s)
        if len(self._costs_s) == len(self._choices):
            quickest = self._choices[int(np.argmin(self._costs_s))]
            logger.info("demucs runs in %s", quickest)
            self._choices = [quickest]


class _TimedAutocast:
    def __init__(self, precision: Precision, segments: int, autocast: AbstractContextManager[Any]) -> None:
        self._precision, self._segments, self._autocast = precision, segments, autocast
        self._begun_s = 0.0

    def __enter__(self) -> None:
        self._begun_s = time.perf_counter()
        self._autocast.__enter__()

    def __exit__(self, *caught: Any) -> None:
        self._autocast.__exit__(*caught)
        if caught[0] is None:
            self._precision.took((time.perf_counter() - self._begun_s) / self._segments)


class Share:
    """Progress of several passes as one."""

    def __init__(self, tell: OnProgress, passes: int) -> None:
        self._tell, self._passes, self._begun = tell, passes, 0

    def next(self) -> OnProgress:
        begun, self._begun = self._begun, self._begun + 1
        return lambda done: self._tell((begun + done) / self._passes)


def _choices(wish: str, device: str) -> list[torch.dtype]:
    if wish != "auto":
        return [getattr(torch, wish)]
    if device == "cuda":
        return [torch.float16]
    return [torch.float32, torch.bfloat16] if _has_bfloat16() else [torch.float32]


def _has_bfloat16() -> bool:
    """Whether this CPU multiplies in bfloat16; elsewhere it is emulated, slowly."""
    ask = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name, lambda: False)()) for name in ask)


def device_of(wish: str) -> str:
    return ("cuda" if torch.cuda.is_available() else "cpu") if wish == "auto" else wish


def _level_of(mix: Stereo) -> tuple[float, float]:
    """Mean and deviation of the channels' average, as demucs.api does it; block by block."""
    samples = mix.shape[1]
    total = square = 0.0
    for first in range(0, samples, 1 << 20):
        mono = mix[:, first : first + (1 << 20)].mean(axis=0, dtype=np.float64)
        total, square = total + float(mono.sum()), square + float(mono @ mono)
    mean = total / samples
    variance = max(0.0, square - samples * mean * mean) / max(1, samples - 1)
    return mean, variance**0.5 + TINY


def _segments(samples: int, segment_samples: int, overlap: float) -> list[Segment]:
    stride = int((1 - overlap) * segment_samples)
    return [Segment(first, min(segment_samples, samples - first)) for first in range(0, samples, stride)]


def _triangle(samples: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Highest in the middle, 1 there, and nowhere 0."""
    half = samples // 2
    weight = np.concatenate([np.arange(1, half + 1), np.arange(samples - half, 0, -1)]).astype(np.float32)
    return np.asarray(weight / weight.max(), np.float32)


def _centre(voice: Stereo, length: int) -> Stereo:
    """What demucs.utils.center_trim keeps."""
    start = (voice.shape[1] - length) // 2
    return voice[:, start : start + length]
