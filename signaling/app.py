"""The aiohttp application: stores, clients and background work open with it and close with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

from aiohttp import web
from voicejury.rpc import client_channel

from signaling.background import Background, Job
from signaling.config import Settings
from signaling.finding import open_finding
from signaling.judging import Judging
from signaling.lyrics.sung import SungSongs
from signaling.lyrics.word_timing import WordTiming
from signaling.metrics import Metrics
from signaling.net.once import Once
from signaling.preparing.opening import Stores, open_preparing
from signaling.routes.answers import KeptAnswers
from signaling.routes.health import LOOK, Look
from signaling.routes.lyrics import LYRICS_LIMIT, SUNG
from signaling.routes.middleware import AddressLimit, add_headers, measured, problems
from signaling.routes.openapi import PATH as OPENAPI_PATH
from signaling.routes.openapi import openapi
from signaling.routes.search import COVER_LIMIT, COVERS_PER_SEARCH, SEARCH_LIMIT
from signaling.routes.sessions import END_LIMIT
from signaling.routes.songs import DOCUMENTS
from signaling.routes.starting import LIMIT
from signaling.routes.table import ROUTES
from signaling.routes.uploads import QUOTA_UPLOADS, SOURCES_LIMIT, UPLOAD_LIMIT, UPLOAD_QUOTA, UPLOADS_PER_MINUTE
from signaling.rtc.analysis import AnalysisClient
from signaling.rtc.media import MediaClient
from signaling.services import BACKGROUND, KEPT, METRICS, SERVICES, SETTINGS, Services
from signaling.songs.catalogue import Catalogue
from signaling.songs.document import SongDocuments
from signaling.songs.take_audio import RenderedTake
from signaling.sources.opening import open_sources
from signaling.sources.uploads import Quota
from signaling.store.database import open_database
from signaling.store.events import Events, open_redis
from signaling.store.results import Results
from signaling.store.sessions import Sessions
from signaling.store.word_times import WordTimesStore

MAX_BODY_BYTES = 64 * 1024


def build_app(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[measured, problems], client_max_size=MAX_BODY_BYTES)
    app[SETTINGS] = settings
    app[METRICS] = Metrics()
    app[DOCUMENTS] = SongDocuments()
    app[KEPT] = KeptAnswers()
    app[SUNG] = SungSongs()
    app[LOOK] = Look()
    app[LIMIT] = AddressLimit(settings.rate_per_minute)
    for limit in (END_LIMIT, SEARCH_LIMIT, LYRICS_LIMIT, SOURCES_LIMIT):
        app[limit] = AddressLimit(settings.rate_per_minute)
    app[COVER_LIMIT] = AddressLimit(COVERS_PER_SEARCH * settings.rate_per_minute)
    app[UPLOAD_LIMIT] = AddressLimit(UPLOADS_PER_MINUTE)
    app[UPLOAD_QUOTA] = Quota(QUOTA_UPLOADS * settings.max_upload_bytes)
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_open_services)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler)
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, route.handler)
    app.router.add_get(OPENAPI_PATH, openapi)
    return app


async def _open_services(app: web.Application) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        app[SERVICES] = services = await _build(app, stack)
        app[BACKGROUND] = background = Background(_jobs(services))
        work = asyncio.create_task(background.run(), name="background work")
        try:
            yield
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def _jobs(services: Services) -> dict[str, Job]:
    return {
        "wake-ups": services.events.run,
        "judging": services.judging.run,
        "folders and uploads": services.sourcing.run,
        "preparing": services.preparing.run,
        "retention": services.making.retention.run,
    }


async def _build(app: web.Application, stack: AsyncExitStack) -> Services:
    settings = app[SETTINGS]
    secret = settings.secret.get_secret_value()
    engine = await open_database(settings.sql_url)
    stack.push_async_callback(engine.dispose)
    redis = open_redis(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    channels = [client_channel(url) for url in (settings.media_url, settings.live_url, settings.analysis_url)]
    for channel in channels:
        stack.push_async_callback(channel.close)
    sessions, results, events = Sessions(engine), Results(engine), Events(redis)
    media, analysis = MediaClient(channels[0], secret), AnalysisClient(channels[2], secret)
    metrics = app[METRICS]
    patience_s, take_life = settings.judge_patience_s, timedelta(seconds=settings.take_ttl_s)
    judging = Judging(sessions, results, events, media, analysis, metrics, patience_s, take_life, settings.takes_dir)
    catalogue = Catalogue(settings.data_dir)
    sourcing = open_sources(settings, catalogue, engine)
    finding = open_finding(settings, catalogue, engine, redis, sourcing.youtube, sourcing.folders, stack)
    stores = Stores(engine, catalogue, sessions, events, sourcing, finding.lyrics, finding.covers)
    making = open_preparing(settings, stores, metrics, stack)
    timing = WordTiming(catalogue, finding.lyrics, making.reference, WordTimesStore(engine, redis))
    stack.push_async_callback(timing.aclose)
    takes: Once[RenderedTake] = Once()
    stack.push_async_callback(takes.aclose)
    return Services(
        settings,
        catalogue,
        sessions,
        results,
        events,
        media,
        analysis,
        channels[1],
        judging,
        metrics,
        finding.tracks,
        finding.covers,
        finding.lyrics,
        sourcing,
        making,
        timing,
        takes,
    )
