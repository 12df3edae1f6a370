"""The parts that prepare songs and keep or delete what comes of it, made from the settings."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.rpc import client_channel

from signaling.config import Settings
from signaling.lyrics.finder import LyricsFinder
from signaling.metrics import Metrics
from signaling.preparing.audience import Audience
from signaling.preparing.calls import ReferenceCalls
from signaling.preparing.preparing import Preparing
from signaling.preparing.progress import Speeds
from signaling.preparing.stems import Stems
from signaling.preparing.taking import Taking
from signaling.preparing.versions import Versions
from signaling.preparing.work import Work
from signaling.retention import Limits, Retention
from signaling.rtc.reference import ReferenceClient
from signaling.search.covers import Covers
from signaling.songs.catalogue import Catalogue
from signaling.songs.sounds import Sounds
from signaling.sources.opening import Sourcing
from signaling.store.events import Events
from signaling.store.keeping import Keeping
from signaling.store.preparations import Preparations
from signaling.store.references import References
from signaling.store.sessions import Sessions

SPEEDS_FILE = "speeds.json"  # in the data folder: how long each step takes here


@dataclass(frozen=True, slots=True)
class Stores:
    """What is there before."""

    engine: AsyncEngine
    catalogue: Catalogue
    sessions: Sessions
    events: Events
    sourcing: Sourcing
    lyrics: LyricsFinder
    covers: Covers


@dataclass(frozen=True, slots=True)
class PreparingParts:
    preparing: Preparing
    reference: ReferenceClient
    references: References
    retention: Retention
    versions: Versions
    sounds: Sounds


def open_preparing(settings: Settings, stores: Stores, metrics: Metrics, stack: AsyncExitStack) -> PreparingParts:
    reference = _client(settings, stack)
    stems = Stems(settings.stems)
    references, preparations = References(stores.engine), Preparations(stores.engine)
    calls = ReferenceCalls(reference, settings.judge_patience_s)

    async def count(song_id: str) -> None:
        await references.resize(song_id, await asyncio.to_thread(stores.catalogue.size_bytes, song_id))

    sounds = Sounds(stores.catalogue, count)
    stack.push_async_callback(sounds.aclose)
    taking = Taking(stores.catalogue, references, stems, sounds)
    work = Work(stores.sourcing.sources, stores.lyrics, stores.covers, calls, stems, taking)
    audience = Audience(stores.sessions, stores.events)
    speeds = Speeds(settings.data_dir / SPEEDS_FILE)
    preparing = Preparing(preparations, work, audience, stores.catalogue, metrics, speeds)
    limits = Limits(timedelta(seconds=settings.session_files_ttl_s), settings.reference_budget_bytes)
    keeping = Keeping(stores.engine)
    retention = Retention(limits, stems, stores.catalogue, references, preparations, keeping)
    versions = Versions(stores.sourcing.youtube)
    stack.push_async_callback(versions.aclose)
    return PreparingParts(preparing, reference, references, retention, versions, sounds)


def _client(settings: Settings, stack: AsyncExitStack) -> ReferenceClient:
    channel = client_channel(settings.reference_url) if settings.reference_url else None
    if channel is not None:
        stack.push_async_callback(channel.close)
    return ReferenceClient(channel, settings.secret.get_secret_value())
