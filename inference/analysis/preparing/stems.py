"""The sound of a song in parts: split off, given as a pair, or only the backing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.audio.recordings import CHANNELS, SILENT_DB, Stereo, blocks_of, decode_stereo, loudest_second_db, peak
from inference.errors import ModelMissingError, PrepareError
from inference.models.separator import Separator


@dataclass(frozen=True, slots=True)
class Given:
    """What a preparation begins with; either the original, or the instrumental with or without the vocals."""

    original: Path | None = None
    instrumental: Path | None = None
    vocals: Path | None = None


@dataclass(frozen=True, slots=True)
class Stems:
    """All of one length. The original of a split song is the sum of both."""

    instrumental: Stereo
    vocals: Stereo | None
    separator: str  # "pair", "none", or the network's name

    @property
    def is_split(self) -> bool:
        return self.separator not in ("pair", "none")

    @property
    def gain(self) -> float:
        """One for all parts, so that none is clipped and their balance stays."""
        loudest = max(peak(self.instrumental), 0.0 if self.vocals is None else peak(self.vocals))
        if self.is_split and self.vocals is not None:
            sums = zip(blocks_of(self.instrumental), blocks_of(self.vocals), strict=True)
            loudest = max(loudest, max(float(np.abs(a + b).max(initial=0.0)) for a, b in sums))
        return min(1.0, 1.0 / loudest) if loudest > 0 else 1.0


def given_parts(given: Given, longest_s: float, tell: Callable[[float], None]) -> Stems:
    """Decodes what was given; an original counts as a backing until it is split. Raises PrepareError."""
    main = given.original or given.instrumental
    if main is None:
        raise PrepareError("no-source", "neither a recording nor a backing was given")
    parts = 1 if given.vocals is None or given.original is not None else 2
    instrumental = decode_stereo(main, longest_s, lambda done: tell(done / parts))
    if loudest_second_db(instrumental) < SILENT_DB:
        raise PrepareError("silent", "nothing can be heard in the recording")
    if given.original is not None or given.vocals is None:
        tell(1.0)
        return Stems(instrumental, None, "none")
    vocals = decode_stereo(given.vocals, longest_s, lambda done: tell((1 + done) / parts))
    if loudest_second_db(vocals) < SILENT_DB:
        raise PrepareError("no-voice", "nothing can be heard in the voice's file")
    tell(1.0)
    length = max(instrumental.shape[1], vocals.shape[1])
    return Stems(_padded(instrumental, length), _padded(vocals, length), "pair")


def split_mix(mix: Stereo, separator: Separator, tell: Callable[[float], None]) -> Stems:
    """The mix becomes the instrumental. Raises PrepareError where nothing is installed that splits."""
    try:
        split = separator.split(mix, tell)
    except ModelMissingError as error:
        raise PrepareError("separation-missing", str(error)) from error
    return Stems(split.instrumental, split.vocals, separator.name)


def _padded(stereo: Stereo, length: int) -> Stereo:
    missing = length - stereo.shape[1]
    return np.concatenate([stereo, np.zeros((CHANNELS, missing), np.float32)], axis=1) if missing else stereo
