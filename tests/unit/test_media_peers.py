"""What one session's trouble does to the others: nothing."""

import asyncio
from pathlib import Path

import pytest

from media_server import peers as peers_module
from media_server.config import Settings
from media_server.peers import Peers
from media_server.session import Session
from media_server.take import Take
from media_server.uplink import Uplink

SECRET = "x" * 32
NOWHERE = "127.0.0.1:1"


def session_of(takes_dir: Path, session_id: str) -> Session:
    return Session(Take.open(takes_dir, session_id, "song"), Uplink(NOWHERE, SECRET, lambda judgement: None), 1.5)


async def test_a_take_that_is_closed_or_broken_while_the_sweep_runs_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers_module, "SYNC_PERIOD_S", 0.01)
    monkeypatch.setattr(peers_module, "STATS_PERIOD_S", 0.01)
    peers = Peers(Settings(secret=SECRET, data_dir=tmp_path, live_url=NOWHERE))
    closed, gone = session_of(tmp_path, "closed"), session_of(tmp_path, "gone")
    closed.take.close()
    gone.take.close()
    del gone.take._writer  # a fault of our own, of whatever kind
    for session in (closed, gone):
        peers._sessions[session.session_id] = session
    running = asyncio.create_task(peers.run())
    done, _ = await asyncio.wait({running}, timeout=0.3)
    peers._sessions.clear()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not done
