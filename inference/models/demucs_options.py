"""How Demucs is run, as values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Precision = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class DemucsOptions:
    """`folder` holds `<model>.yaml` and its weights: a hub is never asked while a singer waits."""

    folder: Path
    model: str = "htdemucs"
    segment_s: float | None = None  # None: as the model was trained; shorter ones are padded to that and save nothing
    overlap: float = 0.1  # of neighbouring segments; Demucs' own 0.25 costs a fifth more
    shifts: int = 0  # further passes over the song shifted by up to half a second; each costs a whole pass
    batch: int | None = None  # segments at once; None: 1 on a CPU, 8 on a GPU
    precision: Precision = "auto"  # of the network; the Fourier transforms stay in single precision
    device: str = "auto"
    threads: int = 1
