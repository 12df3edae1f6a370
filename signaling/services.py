"""The parts that the routes share."""

from dataclasses import dataclass

import grpc
from aiohttp import web

from signaling.background import Background
from signaling.config import Settings
from signaling.judging import Judging
from signaling.lyrics.finder import LyricsFinder
from signaling.lyrics.word_timing import WordTiming
from signaling.metrics import Metrics
from signaling.net.once import Once
from signaling.preparing.opening import PreparingParts
from signaling.preparing.preparing import Preparing
from signaling.routes.answers import KeptAnswers
from signaling.rtc.analysis import AnalysisClient
from signaling.rtc.media import MediaClient
from signaling.rtc.reference import ReferenceClient
from signaling.search.covers import Covers
from signaling.search.finder import TrackFinder
from signaling.songs.catalogue import Catalogue
from signaling.songs.sounds import Sounds
from signaling.songs.take_audio import RenderedTake
from signaling.sources.opening import Sourcing
from signaling.sources.sources import Sources
from signaling.sources.uploads import Uploads
from signaling.sources.youtube import YouTube
from signaling.store.events import Events
from signaling.store.references import References
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
    sourcing: Sourcing
    making: PreparingParts
    word_timing: WordTiming
    takes: Once[RenderedTake]  # that are rendered for the studio

    @property
    def sounds(self) -> Sounds:
        return self.making.sounds

    @property
    def youtube(self) -> YouTube | None:
        return self.sourcing.youtube

    @property
    def preparing(self) -> Preparing:
        return self.making.preparing

    @property
    def reference(self) -> ReferenceClient:
        return self.making.reference

    @property
    def references(self) -> References:
        return self.making.references

    @property
    def sources(self) -> Sources:
        return self.sourcing.sources

    @property
    def uploads(self) -> Uploads:
        return self.sourcing.uploads


SERVICES = web.AppKey("services", Services)
KEPT = web.AppKey("kept", KeptAnswers)
BACKGROUND = web.AppKey("background", Background)
METRICS = web.AppKey("metrics", Metrics)
SETTINGS = web.AppKey("settings", Settings)
