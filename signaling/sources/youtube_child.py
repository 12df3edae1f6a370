"""The process that runs yt-dlp for one search or one download; see child_main for what it speaks."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.utils._jsruntime import NodeJsRuntime
from yt_dlp.version import __version__ as yt_dlp_version

from signaling.errors import SourceError
from signaling.net.guard import Guard
from signaling.sources.child_main import Tell, serve
from signaling.sources.youtube_errors import CUT_OFF, FAILED, as_source_error

SOCKET_TIMEOUT_S = 15
RETRIES = 2
TELL_EVERY_S = 0.25
NAME = "recording"
NO_LIST = SourceError("source-refused", "This is a list; give the address of one video.")
NO_LIVE = SourceError("source-refused", "A live stream has no end; choose a finished recording.")
LIVE = ("is_live", "is_upcoming", "post_live")
Job = Mapping[str, Any]


class Silence:
    """yt-dlp's logger: its lines name videos and addresses, which do not belong into our log."""

    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


def work(job: Job, tell: Tell) -> dict[str, Any]:
    if job["do"] == "status":
        return status(job)
    guard = Guard([(name, port) for name, port in job["endpoints"]], job["hosts"], [job["node"]])
    guard.install()
    with tempfile.TemporaryDirectory(dir=job.get("folder")) as folder:
        options = _options(job, Path(folder))
        try:
            return search(job, options) if job["do"] == "search" else fetch(job, options, tell, Path(folder))
        except Exception as error:
            if guard.refused:
                raise SourceError(
                    "source-refused", "This address leads to a place that is not allowed here."
                ) from error
            raise as_source_error(error) from error


def status(job: Job) -> dict[str, Any]:
    """What yt-dlp itself says of the JavaScript runtime."""
    info = NodeJsRuntime(job["node"]).info if job["node"] else None
    return {
        "yt_dlp": yt_dlp_version,
        "node": info.version if info is not None else "",
        "is_supported": bool(info is not None and info.supported),
        "least": ".".join(map(str, NodeJsRuntime.MIN_SUPPORTED_VERSION)),
    }


def search(job: Job, options: dict[str, Any]) -> dict[str, Any]:
    options |= {"extract_flat": True, "noplaylist": False}
    with YoutubeDL(options) as downloader:
        page = downloader.extract_info(f"{job['search_key']}{job['limit']}:{job['query']}", download=False)
    entries = (page or {}).get("entries") or []
    return {"found": [_found(entry) for entry in entries if entry and not _is_live(entry)][: job["limit"]]}


def fetch(job: Job, options: dict[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Downloads into a folder of its own; the recording moves to the job's folder when it is whole."""
    options |= {
        "format": "bestaudio/best",
        "outtmpl": {"default": str(folder / f"{NAME}.%(ext)s")},
        "match_filter": _only_short(job),
        "progress_hooks": [_told(tell, job["max_bytes"])],
    }
    with YoutubeDL(options) as downloader:
        info = downloader.extract_info(job["url"], download=True)
    if info is None or info.get("_type") == "playlist":
        raise NO_LIST
    files = [path for path in folder.glob(f"{NAME}.*") if not path.name.endswith((".part", ".ytdl"))]
    if len(files) != 1:
        raise CUT_OFF if list(folder.glob(f"{NAME}.*")) else FAILED
    whole = Path(job["folder"]) / files[0].name
    files[0].rename(whole)
    return {"file": whole.name, **_found(info)}


def _options(job: Job, folder: Path) -> dict[str, Any]:
    options: dict[str, Any] = {
        "logger": Silence(),
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "color": {"stdout": "no_color", "stderr": "no_color"},
        "proxy": "",
        "noplaylist": True,
        "playlist_items": "1:50",
        "extract_flat": "in_playlist",
        "allowed_extractors": job["extractors"],
        "external_downloader": {"default": "native"},
        "fixup": "never",
        "updatetime": False,
        "cachedir": job["cache"] or False,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "retries": RETRIES,
        "fragment_retries": RETRIES,
        "extractor_retries": 1,
        "file_access_retries": 0,
        "js_runtimes": {"node": {"path": job["node"]}} if job["node"] else {},
    }
    if job["cookies"]:
        jar = folder / "cookies.txt"  # yt-dlp writes into it: the operator's file stays as it is
        shutil.copyfile(job["cookies"], jar)
        jar.chmod(0o600)
        options["cookiefile"] = str(jar)
    return options


def _only_short(job: Job) -> Callable[..., str | None]:
    def check(info: Mapping[str, Any], *, incomplete: bool = False) -> str | None:
        if _is_live(info):
            raise NO_LIVE
        if (info.get("duration") or 0) > job["max_s"]:
            raise SourceError("too-long", f"This recording lasts more than {job['max_s'] / 60:.0f} minutes.")
        if not incomplete:
            _check_size(info.get("filesize"), job["max_bytes"])
        return None

    return check


def _told(tell: Tell, max_bytes: int) -> Callable[[Mapping[str, Any]], None]:
    told_at = 0.0

    def hook(event: Mapping[str, Any]) -> None:
        nonlocal told_at
        done, total = event.get("downloaded_bytes") or 0, event.get("total_bytes") or event.get("total_bytes_estimate")
        _check_size(max(done, event.get("total_bytes") or 0), max_bytes)
        now = time.monotonic()
        if event["status"] == "downloading" and now - told_at >= TELL_EVERY_S:
            told_at = now
            fraction = min(1.0, done / total) if total else 0.0
            tell({"event": "progress", "fraction": fraction, "left_s": event.get("eta")})

    return hook


def _check_size(size: float | None, max_bytes: int) -> None:
    if size is not None and size > max_bytes:
        raise SourceError("too-large", f"This recording is larger than {max_bytes // 1024**2} MiB.")


def _is_live(info: Mapping[str, Any]) -> bool:
    return bool(info.get("is_live")) or info.get("live_status") in LIVE


def _found(info: Mapping[str, Any]) -> dict[str, Any]:
    pictures = [picture["url"] for picture in info.get("thumbnails") or [] if picture.get("url")]
    artists = info.get("artists") or []
    uploader = info.get("channel") or info.get("uploader") or ""
    return {
        "id": str(info.get("id") or ""),
        "title": str(info.get("track") or info.get("title") or ""),
        "artist": ", ".join(map(str, artists)) or str(uploader),
        "uploader": str(uploader),
        "duration_s": info.get("duration"),
        "cover_url": info.get("thumbnail") or (pictures[-1] if pictures else None),
        "url": str(info.get("webpage_url") or info.get("url") or ""),
    }


if __name__ == "__main__":
    serve(work)
