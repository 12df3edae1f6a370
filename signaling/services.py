"""The parts that the routes share."""

from dataclasses import dataclass

import grpc
from aiohttp import web

from signaling.config import Settings
from signaling.judging import Judging
from signaling.lyrics.finder import LyricsFinder
from signaling.metrics import Metrics
from signaling.rtc.analysis import AnalysisClient
from signaling.rtc.media import MediaClient
from signaling.search.covers import Covers
from signaling.search.finder import TrackFinder
from signaling.songs.catalogue import Catalogue
from signaling.store.events import Events
from signaling.store.results import Results
from signaling.store.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    catalogue: Catalogue
    sessions: Sessions
    results: Results
    events: Events
    media: MediaClient
    analysis: AnalysisClient
    live_channel: grpc.aio.Channel  # for its health only: media_server speaks to the live judge
    judging: Judging
    metrics: Metrics
    tracks: TrackFinder
    covers: Covers
    lyrics: LyricsFinder


SERVICES = web.AppKey("services", Services)
METRICS = web.AppKey("metrics", Metrics)
SETTINGS = web.AppKey("settings", Settings)
