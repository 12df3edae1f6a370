"""What a headless singer tells of the points it was sent."""

import time

import pytest
from voicejury.v1 import live_pb2

from deploy.singer.events import PitchEvents
from deploy.singer.sound import PIECE_S, SendTimes

POINTS = 200
WRONG_S = 0.655  # a song clock that a busy phone reported


def points(wrong: range) -> live_pb2.PitchPoints:
    """One each 20 ms from the beginning of a take in which the file began 1 s after the first sample."""
    told = live_pb2.PitchPoints()
    for seq in range(POINTS):
        song_s = seq * PIECE_S - 1.0 + (WRONG_S if seq in wrong else 0.0)
        told.points.add(seq=seq, sample=round(seq * PIECE_S * 16_000), song_s=song_s)
    return told


@pytest.fixture
def times() -> SendTimes:
    sent = SendTimes()
    for _ in range(POINTS):
        sent.sent()
    return sent


@pytest.mark.parametrize("wrong", [range(0), range(100, 150)])
def test_each_point_of_the_file_is_told_once_whatever_the_songs_clock_says(times: SendTimes, wrong: range) -> None:
    events = PitchEvents(times)
    now_s = time.monotonic()
    first = [event["seq"] for event in events.of(points(wrong), now_s)]
    assert first == list(range(50, POINTS)), "50 points come before the file"
    assert list(events.of(points(wrong), now_s)) == []


def test_a_latency_is_that_of_the_sample_and_not_of_the_second_that_was_told() -> None:
    sent = SendTimes()
    sent.sent()
    time.sleep(0.2)
    for _ in range(POINTS):
        sent.sent()
    told = live_pb2.PitchPoints()
    for seq in range(60):
        told.points.add(
            seq=seq, sample=round(seq * PIECE_S * 16_000), song_s=seq * PIECE_S + (WRONG_S if seq > 40 else 0)
        )
    latencies_ms = [event["latency_ms"] for event in PitchEvents(sent).of(told, time.monotonic())]
    assert latencies_ms[0] >= 200.0
    assert max(latencies_ms[1:]) <= latencies_ms[0] - 199.0
