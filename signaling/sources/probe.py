"""Looks at a recording before it is accepted, in a process of its own: see probe_child."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SourceError
from signaling.sources.child import Limits, Misfortunes, run_child

CHILD = "signaling.sources.probe_child"
MEMORY_BYTES = 1024**3
CPU_S = 120
WALL_S = 300.0
SPARE_FILE_BYTES = 1024**2
PICTURE_NOTE = "The picture of the video was left out; only its sound is kept."
MISFORTUNES = Misfortunes(
    late=SourceError("not-audio", "This file took too long to read."),
    crashed=SourceError("not-audio", "This file cannot be read."),
)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a recording is, whatever its name says."""

    path: Path  # of the sound alone: another file than the one given where that was a video
    suffix: str  # by its real format, with the dot
    media_type: str
    duration_s: float  # decoded
    peak_rms: float  # of the loudest second, 1 is full scale
    content_hash: str  # SHA-256 of the file given
    title: str
    artist: str
    album: str
    lyrics: str
    note: str  # for the user; empty when there is nothing to tell


async def probe(path: Path, max_s: float) -> Probed:
    """Raises SourceError: not-audio, too-long, too-large, silent, disk-full. A video's sound is written beside it."""
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    limits = Limits(WALL_S, CPU_S, MEMORY_BYTES, file_bytes=size_bytes + SPARE_FILE_BYTES)
    facts = await run_child(CHILD, {"path": str(path), "max_s": max_s}, limits, MISFORTUNES)
    return Probed(
        path=path.with_name(facts["file"]),
        suffix=facts["suffix"],
        media_type=facts["media_type"],
        duration_s=facts["duration_s"],
        peak_rms=facts["peak_rms"],
        content_hash=facts["content_hash"],
        title=facts["title"],
        artist=facts["artist"],
        album=facts["album"],
        lyrics=facts["lyrics"],
        note=PICTURE_NOTE if facts["had_picture"] else "",
    )
