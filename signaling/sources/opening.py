"""The parts that fetch recordings, made from the settings."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.config import Settings
from signaling.errors import SourceError
from signaling.net.addresses import allowed_hosts
from signaling.songs.catalogue import Catalogue
from signaling.sources.folders import Folder, Folders
from signaling.sources.model import Kind, Origin, Source
from signaling.sources.sources import Sources
from signaling.sources.uploads import Uploads
from signaling.sources.watching import Watch, keep_scanned
from signaling.sources.youtube import Downloads, YouTube
from signaling.store.database import told
from signaling.store.sources import SourceTable

PRUNE_S = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sourcing:
    sources: Sources
    uploads: Uploads
    folders: Folders
    youtube: YouTube | None  # None where it is switched off
    watch: Watch | None
    uploads_life_s: float

    async def run(self) -> None:
        """Looks at the folders and deletes old uploads until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._prune(), name="old uploads")
            if self.watch is not None:
                tasks.create_task(self.watch.run(), name="watched folder")
            for folder in self.folders.folders:
                if folder.name == "music":
                    tasks.create_task(keep_scanned(folder), name="music folder")

    async def _prune(self) -> None:
        while True:
            try:
                await self.uploads.prune(self.uploads_life_s)
            except Exception as error:  # tried again, and nobody sings the worse for it
                log.warning("old uploads are not deleted: %s", told(error))
            await asyncio.sleep(PRUNE_S)


def open_sources(settings: Settings, catalogue: Catalogue, engine: AsyncEngine) -> Sourcing:
    table, max_s, max_bytes = SourceTable(engine), settings.max_source_s, settings.max_upload_bytes
    uploads = Uploads(settings.data_dir / "uploads", table, max_s, max_bytes)
    roots = {"watched": settings.watched_dir, "music": settings.music_dir}
    folders = {name: Folder(name, root, max_s, max_bytes) for name, root in roots.items() if root is not None}
    shelves = Folders(list(folders.values()))
    youtube = YouTube(_downloads(settings)) if settings.youtube else None
    origins: dict[Kind, Origin] = {Kind.UPLOAD: uploads, Kind.FOLDER: shelves}
    if youtube is not None:
        origins |= {Kind.YOUTUBE: youtube, Kind.LINK: youtube}
    watch = None
    if settings.watched_dir is not None:
        memory = settings.data_dir / "watched.json"
        watch = Watch(settings.watched_dir, folders["watched"], catalogue, memory)
    accept = youtube.accept if youtube is not None else _refuse
    sources = Sources(table, origins, accept)
    return Sourcing(sources, uploads, shelves, youtube, watch, settings.session_files_ttl_s)


def _downloads(settings: Settings) -> Downloads:
    return Downloads(
        allowed=allowed_hosts(settings.source_hosts),
        max_s=settings.max_source_s,
        max_bytes=settings.max_upload_bytes,
        cookies=settings.youtube_cookies,
        node_path=settings.node_path,
        cache=settings.data_dir.absolute() / "cache" / "yt-dlp",
    )


def _refuse(_url: str) -> Awaitable[Source]:
    raise SourceError("source-refused", "Downloads are switched off in this installation; upload the file.")
