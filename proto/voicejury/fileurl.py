"""Folders as URLs, in the one form that everybody reads alike."""

from urllib.parse import unquote, urlsplit


def plain_file_url(url: str) -> str:
    """A file URL with what its percent signs stand for: fsspec does not decode them. Others stay as they are."""
    parts = urlsplit(url)
    return f"file://{unquote(parts.path)}" if parts.scheme == "file" else url
