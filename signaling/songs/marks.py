"""How logs name songs and sources: by a mark, for an id holds artist and title, or names a video."""

import hashlib
import re

MARK = 12  # characters
MADE = re.compile(rf"-([0-9a-f]{{{MARK}}})")  # the end of a prepared song's id: of its content hash


def song_mark(song_id: str) -> str:
    """The hash at the end of the id; of a song that was written by hand a hash of its id."""
    made = MADE.fullmatch(song_id, max(len(song_id) - MARK - 1, 0))
    return made.group(1) if made is not None else _hashed(song_id)


def source_mark(source_id: str) -> str:
    """Its kind and a hash of its id."""
    return f"{source_id.partition(':')[0]} {_hashed(source_id)}"


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()[:MARK]
