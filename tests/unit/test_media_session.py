"""One singer's session, fed with frames: how long a take may be, and what the log keeps of the phone."""

from pathlib import Path

import numpy as np
import pytest
from voicejury.spool import read_records
from voicejury.v1 import media_pb2

from media_server.frames import RTP_RATE_HZ, AudioFrame
from media_server.session import MAX_TAKE_SAMPLES, Session
from media_server.take import Take
from media_server.uplink import Uplink

MINUTE_TICKS = 60 * RTP_RATE_HZ


@pytest.fixture
def session(tmp_path: Path) -> Session:
    uplink = Uplink("127.0.0.1:1", "x" * 32, lambda judgement: None)
    return Session(Take.open(tmp_path, "s", "song"), uplink, 1.5)


def sing(session: Session, ticks: int) -> None:
    session.on_frame(AudioFrame(ticks, np.full(320, 0.5, np.float32), False, ticks / RTP_RATE_HZ))


def clock(song_s: float, epoch_ms: float) -> media_pb2.FromPhone:
    return media_pb2.FromPhone(
        clock=media_pb2.PlaybackClock(song_s=song_s, epoch_ms=epoch_ms, playing=True, output_latency_s=0.125)
    )


async def test_a_take_ends_before_the_judges_half_hour_and_says_so_once(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    for minute in range(45):
        sing(session, minute * MINUTE_TICKS)
        session.on_message(clock(minute * 60.0, 1e12 + minute * 60_000.0), minute * 60.0)
    summary = await session.seal()
    assert 29 * 60 * 16_000 < summary.sample_count <= MAX_TAKE_SAMPLES < 30 * 60 * 16_000
    with session.take.path.open("rb") as file:
        anchors = [record.anchor.sample for _, record in read_records(file) if record.HasField("anchor")]
    assert max(anchors) <= MAX_TAKE_SAMPLES
    assert [record.message for record in caplog.records].count(
        "session s: the take is full, no more sound is kept"
    ) == 1


async def test_the_log_keeps_the_microphone_and_the_latency_once_and_no_free_text(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    settings = media_pb2.MicSettings(echo_cancellation=True, sample_rate_hz=48_000, channel_count=1, headphones=True)
    for route in ("Anna's\nheadset", "wired"):
        settings.route = route
        session.on_message(media_pb2.FromPhone(mic=settings), 1.0)
        session.on_message(clock(0.0, 1e12), 1.0)
    assert [record.message for record in caplog.records] == [
        "session s: microphone: echo cancellation True, noise suppression False, auto gain False, "
        "48000 Hz, 1 channels, headphones True, route other",
        "session s: output latency 125 ms",
    ]
    session.take.close()
