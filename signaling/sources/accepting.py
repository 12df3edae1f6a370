"""A recording is looked at, then moved to where recordings lie under their hash: nothing unchecked stands there."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SourceError
from signaling.sources.probe import Probed, probe

PAIR_TOLERANCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Accepted:
    """Files in the folder by role: `original` alone, or `instrumental` and `vocals`."""

    files: Mapping[str, Path]
    content_hash: str
    duration_s: float
    title: str
    artist: str
    lyrics: str
    note: str
    added: tuple[Path, ...]  # of the files, those that did not lie there before

    def file(self, role: str) -> Path | None:
        return self.files.get(role)


async def accept(given: Mapping[str, Path], folder: Path, max_s: float) -> Accepted:
    """Checks one recording or a pair and moves it from where it was staged; raises SourceError, moving nothing."""
    probed = {role: await _probe(role, path, max_s) for role, path in given.items()}
    first = next(iter(probed.values()))
    if len(probed) > 1:
        _check_pair(probed)
    files = {role: folder / f"{one.content_hash}{one.suffix}" for role, one in probed.items()}
    added = await asyncio.to_thread(lambda: tuple(path for path in files.values() if not path.exists()))
    for role, one in probed.items():
        await asyncio.to_thread(one.path.replace, files[role])
    return Accepted(
        files=files,
        content_hash=first.content_hash if len(probed) == 1 else _hash_of_pair(probed),
        duration_s=first.duration_s,
        title=first.title,
        artist=first.artist,
        lyrics=first.lyrics,
        note=first.note,
        added=added,
    )


async def _probe(role: str, path: Path, max_s: float) -> Probed:
    try:
        return await probe(path, max_s)
    except SourceError as error:
        if role == "original":
            raise
        raise SourceError(error.code, f"{role}: {error.detail}") from error


def _check_pair(probed: Mapping[str, Probed]) -> None:
    instrumental, vocals = probed["instrumental"], probed["vocals"]
    if instrumental.content_hash == vocals.content_hash:
        raise SourceError(
            "same-file", "Instrumental and vocals are the same file; send the music alone and the voice alone."
        )
    apart_s = abs(instrumental.duration_s - vocals.duration_s)
    if apart_s > PAIR_TOLERANCE_S:
        lengths = f"{instrumental.duration_s:.1f} s and {vocals.duration_s:.1f} s"
        raise SourceError("bad-request", f"Instrumental and vocals do not belong together: {lengths} long.")


def _hash_of_pair(probed: Mapping[str, Probed]) -> str:
    both = probed["instrumental"].content_hash + probed["vocals"].content_hash
    return hashlib.sha256(both.encode()).hexdigest()
