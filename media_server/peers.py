"""All sessions of this process: who may connect, who is gone, what is sealed when."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from voicejury.v1 import analysis_pb2, live_pb2, media_pb2

from media_server import metrics, sdp
from media_server.admission import LoopLag, admit
from media_server.config import Settings
from media_server.errors import SessionLiveError
from media_server.feed import Feed
from media_server.follow import TakeFollowing
from media_server.peer import Peer
from media_server.receiver import usable_kind
from media_server.retention import sweep_for_ever
from media_server.session import Session
from media_server.take import Take, TakeSummary, seal_spool, spool_path
from media_server.uplink import Uplink

TICK_S = 0.25
STATS_PERIOD_S = 1.0
SYNC_PERIOD_S = 1.0

logger = logging.getLogger(__name__)


class Peers:
    """`run` owns every task; connect and close may be called while it runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._takes_dir = settings.takes_dir
        self._kind = usable_kind(settings.receiver)
        self._uplink = Uplink(settings.live_url, settings.secret, self._on_judgement)
        self._following = TakeFollowing(settings.analysis_url, settings.secret, self._on_words)
        self._lag = LoopLag()
        self._sessions: dict[str, Session] = {}
        self._ending: dict[str, Session] = {}  # wait for the last word of the live judge
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def live_peers(self) -> int:
        return sum(session.peer is not None for session in self._sessions.values())

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, work in self._works().items():
                    tasks.create_task(work, name=name)
        finally:
            await self._shut_down()

    def _works(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {
            "uplink": self._uplink.run(),
            "following": self._following.run(),
            "loop lag": self._lag.watch(),
            "watchdog": self._watch(),
            "stats": self._tell_stats(),
            "sync": self._sync(),
            "retention": sweep_for_ever(self._takes_dir, self._settings.take_ttl_s, lambda: self._sessions.keys()),
        }

    async def connect(self, request: media_pb2.ConnectRequest) -> media_pb2.ConnectReply:
        """Raises a MediaError when the offer, the session or the load forbid it."""
        session_id = request.session_id
        spool_path(self._takes_dir, session_id)
        offer = sdp.accept(request.sdp)
        async with self._lock(session_id):
            known = self._sessions.get(session_id)
            self._check_vacant(known, request.resume)
            session = known or await self._begin(request)
            resumed = session.take.has_audio
            peer = self._new_peer(session)
            try:
                answer = await peer.answer(offer)
            except BaseException:
                await peer.close()
                if known is None:
                    session.take.close()
                raise
            if known is None:
                self._register(session, request)
            if (old := session.attach(peer)) is not None:
                await old.close()
            metrics.PEERS.set(self.live_peers)
            logger.info("session %s: offer answered, resumed %s", session_id, resumed)
            return media_pb2.ConnectReply(sdp=answer, resumed=resumed)

    async def close(self, session_id: str) -> TakeSummary:
        """Seals the take, whoever wrote it; the same answer when asked again."""
        spool_path(self._takes_dir, session_id)
        async with self._lock(session_id):
            session = self._sessions.pop(session_id, None)
            if session is None:
                return await asyncio.to_thread(seal_spool, self._takes_dir, session_id)
            return await self._end(session)

    def _lock(self, session_id: str) -> asyncio.Lock:
        return self._locks.setdefault(session_id, asyncio.Lock())

    def _check_vacant(self, known: Session | None, resume: bool) -> None:
        if known is not None and known.peer is not None:
            if not resume:
                raise SessionLiveError("the session has a live connection")
            return
        admit(self.live_peers, self._settings.max_peers, self._lag.p95_ms, self._settings.max_loop_lag_ms)

    async def _begin(self, request: media_pb2.ConnectRequest) -> Session:
        take = await asyncio.to_thread(Take.open, self._takes_dir, request.session_id, request.song.id)
        return Session(take, self._uplink, self._settings.mic_lost_s)

    def _register(self, session: Session, request: media_pb2.ConnectRequest) -> None:
        self._sessions[session.session_id] = session
        feed = Feed(session.session_id, request.song, request.level, session.take.path)
        self._uplink.add(feed, session.take)
        what = analysis_pb2.FollowRequest(session_id=session.session_id, song=request.song, level=request.level)
        self._following.begin(what)

    def _new_peer(self, session: Session) -> Peer:
        return Peer(
            session.session_id,
            self._kind,
            self._settings.ice_servers,
            session.on_frame,
            session.on_report,
            session.on_message,
        )

    def _on_judgement(self, judgement: live_pb2.Judgement) -> None:
        session_id = judgement.session_id
        if (session := self._sessions.get(session_id) or self._ending.get(session_id)) is not None:
            session.on_judgement(judgement)

    def _on_words(self, session_id: str, words: live_pb2.LineWords) -> None:
        if (session := self._sessions.get(session_id)) is not None:
            session.on_words(words)

    async def _watch(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                await asyncio.sleep(TICK_S)
                now_s = time.monotonic()
                for session in list(self._sessions.values()):
                    if session.peer is not None and (reason := self._why_lost(session.peer, now_s)):
                        logger.warning("session %s: connection closed: %s", session.session_id, reason)
                        if (lost := session.detach()) is not None:
                            tasks.create_task(_alone(session, lost.close()), name="close lost peer")
                        metrics.PEERS.set(self.live_peers)
                    elif session.peer is None and now_s - session.lost_s > self._settings.resume_s:
                        tasks.create_task(_alone(session, self._expire(session)), name="seal take")

    def _why_lost(self, peer: Peer, now_s: float) -> str | None:
        if peer.gone:
            return "the other side is gone"
        if not peer.connected:
            return "it was never established" if now_s - peer.began_s > self._settings.connect_timeout_s else None
        silent_s = now_s - (peer.last_packet_s or peer.began_s)
        return f"no packet for {silent_s:.0f} s" if silent_s > self._settings.peer_lost_s else None

    async def _expire(self, session: Session) -> None:
        async with self._lock(session.session_id):
            if self._sessions.get(session.session_id) is not session or session.peer is not None:
                return
            del self._sessions[session.session_id]
            logger.info("session %s: not resumed in time, take sealed", session.session_id)
            await self._end(session)

    async def _end(self, session: Session) -> TakeSummary:
        if (peer := session.detach()) is not None:
            await peer.close()
        metrics.PEERS.set(self.live_peers)
        self._following.end(session.session_id)
        self._ending[session.session_id] = session
        try:
            return await session.seal()
        finally:
            del self._ending[session.session_id]

    async def _tell_stats(self) -> None:
        while True:
            await asyncio.sleep(STATS_PERIOD_S)
            now_s = time.monotonic()
            for session in list(self._sessions.values()):
                with _apart(session):
                    session.tell_stats(now_s)

    async def _sync(self) -> None:
        while True:
            await asyncio.sleep(SYNC_PERIOD_S)
            for session in list(self._sessions.values()):
                await _alone(session, session.sync())

    async def _shut_down(self) -> None:
        """Leaves the takes open: a successor of this process goes on with them."""
        for session in self._sessions.values():
            if (peer := session.detach()) is not None:
                await peer.close()
            session.take.close()
        self._sessions.clear()


@contextmanager
def _apart(session: Session) -> Iterator[None]:
    """One session's failure is its own: it is logged and disturbs nobody else."""
    try:
        yield
    except Exception:
        logger.exception("session %s: failed", session.session_id)


async def _alone(session: Session, work: Coroutine[Any, Any, None]) -> None:
    with _apart(session):
        await work
