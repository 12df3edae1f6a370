"""The process that reads the tags of many music files at once; a file that cannot be read has none."""

from collections.abc import Mapping
from typing import Any

import av
from av.error import FFmpegError

from signaling.sources.child_main import Tell, serve
from signaling.sources.probe_child import OPENING, TAG_CHARACTERS


def work(job: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    return {"tags": [_tags(path) for path in job["paths"]]}


def _tags(path: str) -> dict[str, Any]:
    try:
        with av.open(path, options=OPENING, metadata_errors="replace") as container:
            found = dict(container.metadata)
            for stream in container.streams.audio:
                found = {**stream.metadata, **found}
            tags = {key.lower(): value[:TAG_CHARACTERS] for key, value in found.items()}
            length_s = container.duration / av.time_base if container.duration else None
    except (FFmpegError, OSError, ValueError):
        return {"title": "", "artist": "", "duration_s": None}
    artist = tags.get("artist") or tags.get("album_artist", "")
    return {"title": tags.get("title", ""), "artist": artist, "duration_s": length_s}


if __name__ == "__main__":
    serve(work)
