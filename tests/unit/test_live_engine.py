"""The live engine by itself: real network, real thread, no gRPC."""

import math
import threading
import time
from collections.abc import Iterator
from itertools import pairwise, zip_longest

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.audio.clock import Anchor, SongClock
from inference.domain.live_score import NoteDone
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.errors import SingError
from inference.live.engine import MAX_SINGERS, LiveEngine
from inference.live.messages import End, Ended, Failed, Input, Output, Point, Score, Silence, Sound
from inference.live.singer import MAX_BACKLOG_S, Singer
from inference.live.window_ring import HOP_SAMPLES, MAX_EARLY, Origin, WindowRing
from inference.models.estimators import build_estimator
from inference.service.metrics import EngineCollector
from tests.unit.recordings import RATE_HZ, sweep, voice

NOTE = Note(0.0, 1.0, 57.0, NoteKind.NORMAL, "la", True)
MELODY = Melody((Phrase(0.0, 1.0, (NOTE,), "la"),))
RULES: ScoringRules = rules_for(Level.NORMAL)
Pcm = np.ndarray[tuple[int], np.dtype[np.int16]]


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.ended = threading.Event()

    def __call__(self, outputs: list[Output]) -> None:
        self.outputs += outputs
        if any(isinstance(output, Ended) for output in outputs):
            self.ended.set()

    def wait(self) -> list[Output]:
        assert self.ended.wait(20)
        return self.outputs

    @property
    def points(self) -> list[Point]:
        return [output for output in self.outputs if isinstance(output, Point)]


@pytest.fixture
def engine() -> Iterator[LiveEngine]:
    failed = threading.Event()
    engine = LiveEngine(build_estimator("tiny"), failed.set)
    yield engine
    engine.stop()
    assert not failed.is_set()


def s16(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Pcm:
    return (samples * 32_767).astype(np.int16)


def sounds(pcm: Pcm, cuts: list[int], arrived_s: float | None = None) -> list[Input]:
    edges = [0, *cuts, len(pcm)]
    now_s = time.monotonic() if arrived_s is None else arrived_s
    return [Sound(first, pcm[first:last], False, now_s) for first, last in pairwise(edges)]


def judged(engine: LiveEngine, inputs: list[Input], pause_s: float = 0.0) -> Heard:
    heard = Heard()
    singer = engine.open(MELODY, RULES, heard)
    for message in [Anchor(0, 0.0, True), *inputs, End()]:
        singer.feed(message)
        time.sleep(pause_s)
    heard.wait()
    return heard


def test_however_the_sound_is_cut_the_points_are_the_same(engine: LiveEngine) -> None:
    pcm = s16(sweep(100, 500, 2.0)[0])
    random = np.random.default_rng(2)
    whole = judged(engine, sounds(pcm, [16_000])).points
    for cuts in (list(range(320, 32_000, 320)), sorted(random.choice(np.arange(1, 32_000), 60, False).tolist())):
        again = judged(engine, sounds(pcm, cuts), pause_s=0.002).points
        assert [(point.seq, point.sample, point.song_s) for point in again] == [
            (point.seq, point.sample, point.song_s) for point in whole
        ]
        assert _cents_apart(again, whole) < 0.1


def test_eight_singers_at_once_are_judged_like_one(engine: LiveEngine) -> None:
    pcm = s16(sweep(100, 500, 1.0)[0])
    alone = judged(engine, sounds(pcm, [])).points
    sinks = [Heard() for _ in range(8)]
    singers = [engine.open(MELODY, RULES, sink) for sink in sinks]
    for message in [Anchor(0, 0.0, True), *sounds(pcm, list(range(320, 16_000, 320))), End()]:
        for singer in singers:
            singer.feed(message)
    for sink in sinks:
        sink.wait()
        assert _cents_apart(sink.points, alone) < 0.1
    assert engine.singer_count == 0


PHRASE = s16(np.concatenate([sweep(100, 500, 0.7)[0], np.zeros(1600, np.float32), voice(330.0, 0.4)]))
PACKET = 320


@st.composite
def arrivals(draw: st.DrawFn) -> list[Input]:
    """PHRASE in chunks of any length, each at most two places from its turn, some of them twice."""
    cuts = sorted(draw(st.sets(st.integers(1, len(PHRASE) - 1), min_size=2, max_size=60)))
    edges = [0, *cuts, len(PHRASE)]
    pieces = [(a, b) for first, last in pairwise(edges) for a, b in pairwise([*range(first, last, PACKET), last])]
    turns = [place + draw(st.floats(0.0, 2.4)) for place in range(len(pieces))]
    order = sorted(range(len(pieces)), key=turns.__getitem__)
    order += draw(st.lists(st.sampled_from(order), max_size=5))
    return [Sound(a, PHRASE[a:b], False, 0.0) for a, b in (pieces[place] for place in order)]


@pytest.fixture(scope="module")
def plainly() -> list[Point]:
    """What one singer hears whose sound comes whole."""
    failed = threading.Event()
    engine = LiveEngine(build_estimator("tiny"), failed.set)
    heard = judged(engine, [Sound(0, PHRASE[:RATE_HZ], False, 0.0), Sound(RATE_HZ, PHRASE[RATE_HZ:], False, 0.0)])
    engine.stop()
    assert len(heard.points) == 60
    assert 30 < sum(point.f0_hz > 0 for point in heard.points) < 60
    return heard.points


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(arrivals(), min_size=1, max_size=5))
def test_chunks_order_doubles_and_other_singers_change_no_point(
    engine: LiveEngine, plainly: list[Point], singers_arrivals: list[list[Input]]
) -> None:
    sinks = [Heard() for _ in singers_arrivals]
    singers = [engine.open(MELODY, RULES, sink) for sink in sinks]
    queues = [[Anchor(0, 0.0, True), *sounds_of_one, End()] for sounds_of_one in singers_arrivals]
    for messages in zip_longest(*queues):
        for singer, message in zip(singers, messages, strict=True):
            if message is not None:
                singer.feed(message)
    for sink in sinks:
        sink.wait()
        assert [(p.seq, p.sample, p.song_s) for p in sink.points] == [(p.seq, p.sample, p.song_s) for p in plainly]
        assert _cents_apart(sink.points, plainly) < 0.1


def test_sound_that_stays_away_becomes_a_gap_after_a_tenth_of_a_second(engine: LiveEngine) -> None:
    pcm = s16(voice(220.0, 1.0))
    chunks = sounds(pcm, list(range(320, 16_000, 320)))
    del chunks[20]
    heard = judged(engine, chunks)
    missing = [point.sample for point in judged(engine, sounds(pcm, [])).points]
    touched = [sample for sample in missing if sample - 512 < 21 * 320 and sample + 512 > 20 * 320]
    assert [point.sample for point in heard.points] == [sample for sample in missing if sample not in touched]


def test_an_early_packet_sent_without_end_is_not_kept_without_end() -> None:
    ring = WindowRing(SongClock())
    pcm = np.ones(PACKET, np.int16)
    for _ in range(10 * MAX_EARLY):
        ring.add_sound(2 * PACKET, pcm, False)
    assert ring.position == 3 * PACKET  # what is missing before it is a gap by now


def test_a_window_is_as_good_as_its_worst_sample() -> None:
    ring = WindowRing(SongClock())
    second = np.ones(RATE_HZ, np.int16)
    ring.add_sound(0, second, False)
    ring.add_sound(RATE_HZ, second[:PACKET], True)
    ring.add_sound(RATE_HZ + PACKET, second, False)
    ring.add_missing(3 * RATE_HZ)
    ring.add_sound(3 * RATE_HZ, second, False)
    while (window := ring.next_window()) is not None:
        first, end = window.centre_sample - 512, window.centre_sample + 512
        touches_gap = first < 3 * RATE_HZ and end > 2 * RATE_HZ + PACKET
        touches_concealed = first < RATE_HZ + PACKET and end > RATE_HZ
        worst = Origin.MISSING if touches_gap else Origin.CONCEALED if touches_concealed else Origin.RECEIVED
        assert window.origin is worst
    assert ring.position == 4 * RATE_HZ


@pytest.mark.parametrize("past_samples", [0, 1024, 9000])
def test_a_window_comes_with_its_past_however_the_sound_is_cut(past_samples: int) -> None:
    pcm = s16(sweep(100, 500, 2.0)[0])
    before = past_samples + 512
    padded = np.concatenate([np.zeros(before), pcm / 32_768, np.zeros(512)]).astype(np.float32)
    ring = WindowRing(SongClock(), past_samples)
    windows = []
    for first in range(0, len(pcm), 777):
        ring.add_sound(first, pcm[first : first + 777], False)
        while (window := ring.next_window()) is not None:
            windows.append(window)
        ring.trim()
    assert len(windows) == (len(pcm) - 512) // HOP_SAMPLES + 1
    for window in windows:
        heard = padded[window.centre_sample : window.centre_sample + before + 512]
        assert (window.heard == heard).all()
        assert (window.samples == heard[-1024:]).all()
        assert window.origin is Origin.RECEIVED


def test_a_gap_in_the_past_of_a_window_does_not_spoil_it() -> None:
    ring = WindowRing(SongClock(), 1024)
    ring.add_missing(PACKET)
    ring.add_sound(PACKET, np.ones(RATE_HZ, np.int16), False)
    origins = {}
    while (window := ring.next_window()) is not None:
        origins[window.centre_sample] = window.origin
    assert {sample for sample, origin in origins.items() if origin is Origin.MISSING} == {0, 320, 640}


def test_a_frame_carries_the_time_of_its_windows_centre(engine: LiveEngine) -> None:
    """A note that begins at a known sample is voiced from the frame that stands there."""
    onset = 8_000
    pcm = s16(np.concatenate([np.zeros(onset, np.float32), voice(220.0, 0.5)]))
    points = judged(engine, [Anchor(0, 10.0, True), *sounds(pcm, [])]).points
    first = next(point for point in points if point.f0_hz > 0)
    assert abs(first.sample - onset) <= HOP_SAMPLES
    assert first.song_s == pytest.approx(10.0 + first.sample / RATE_HZ)
    assert all(point.sample % HOP_SAMPLES == 0 for point in points)


def _cents_apart(one: list[Point], other: list[Point]) -> float:
    pairs = [(a.f0_hz, b.f0_hz) for a, b in zip(one, other, strict=True)]
    assert all((a > 0) == (b > 0) for a, b in pairs)
    return max(abs(1200 * math.log2(a / b)) for a, b in pairs if a > 0)


def test_the_end_of_a_take_judges_the_notes_that_were_reached(engine: LiveEngine) -> None:
    heard = judged(engine, sounds(s16(voice(220.0, 1.05)), [16_000]))
    (done,) = [output for output in heard.outputs if isinstance(output, NoteDone)]
    assert done.measured
    assert done.credit > 0.95
    assert isinstance(heard.outputs[-1], Ended)


def test_a_song_that_is_paused_earns_no_score_and_has_no_song_second(engine: LiveEngine) -> None:
    pcm = s16(voice(220.0, 1.0))
    heard = judged(engine, [Anchor(0, 0.0, False), *sounds(pcm, [])])
    assert all(point.song_s is None for point in heard.points)
    assert not any(isinstance(output, NoteDone | Score) for output in heard.outputs)


def test_a_long_gap_costs_no_network(engine: LiveEngine) -> None:
    before = engine.counters.windows
    heard = judged(engine, [Silence(100 * RATE_HZ)])
    assert engine.counters.windows == before
    assert heard.points == []
    ended = heard.outputs[-1]
    assert isinstance(ended, Ended)
    assert ended.sample_count == 100 * RATE_HZ


def test_live_sound_that_is_too_late_is_dropped_oldest_first_and_becomes_a_gap() -> None:
    heard = Heard()
    singer = _unattended(heard)
    pcm = s16(voice(220.0, 8.0))
    begun_s = time.monotonic() - 8.0
    for message in sounds(pcm, list(range(RATE_HZ, 8 * RATE_HZ, RATE_HZ))):
        assert isinstance(message, Sound)
        singer.feed(Sound(message.first_sample, message.pcm_s16, False, begun_s + message.first_sample / RATE_HZ))
    frames = singer.frames(10_000)
    dropped = singer.take_dropped()
    assert dropped == (8 - int(MAX_BACKLOG_S)) * RATE_HZ
    heard_from = min(frame.window.centre_sample for frame in frames if frame.window.origin is Origin.RECEIVED)
    assert heard_from == dropped + 512 + (-(dropped + 512)) % HOP_SAMPLES


def test_a_take_that_is_fed_again_at_once_is_never_dropped() -> None:
    singer = _unattended(Heard())
    pcm = s16(voice(220.0, 60.0))
    for message in sounds(pcm, list(range(RATE_HZ, 60 * RATE_HZ, RATE_HZ)), time.monotonic() - 10.0):
        singer.feed(message)
    count = 0
    while frames := singer.frames(64):
        count += len(frames)
    assert count == 60 * RATE_HZ // HOP_SAMPLES - 1
    assert singer.take_dropped() == 0


def _unattended(heard: Heard) -> Singer:
    """A singer whose engine does not get round to it."""
    engine = LiveEngine(build_estimator("tiny"), lambda: None)
    engine.stop()
    return engine.open(MELODY, RULES, heard)


def test_a_singer_who_cannot_be_judged_is_told_and_the_others_sing_on(engine: LiveEngine) -> None:
    told = Heard()
    impossible = Note(0.0, 1.0, float("nan"), NoteKind.NORMAL, "la", True)
    broken = engine.open(Melody((Phrase(0.0, 1.0, (impossible,), "la"),)), RULES, told)
    broken.feed(Anchor(0, 0.0, True))
    broken.feed(sounds(s16(voice(220.0, 1.0)), [])[0])
    assert judged(engine, sounds(s16(voice(220.0, 1.0)), [])).points
    assert isinstance(told.outputs[-1], Failed)
    assert engine.singer_count == 0


def _hang_up(_outputs: list[Output]) -> None:
    raise RuntimeError("Event loop is closed")


def test_a_singer_who_cannot_be_told_ends_and_the_others_sing_on(engine: LiveEngine) -> None:
    gone = engine.open(MELODY, RULES, _hang_up)
    gone.feed(Anchor(0, 0.0, True))
    gone.feed(sounds(s16(voice(220.0, 1.0)), [])[0])
    assert judged(engine, sounds(s16(voice(220.0, 1.0)), [])).points
    assert engine.singer_count == 0


def test_a_singer_whose_sound_cannot_be_read_is_told_and_the_others_sing_on(engine: LiveEngine) -> None:
    told = Heard()
    broken = engine.open(MELODY, RULES, told)
    broken.feed(Sound(0, np.array(["no", "sound"]), False, time.monotonic()))
    assert judged(engine, sounds(s16(voice(220.0, 1.0)), [])).points
    assert isinstance(told.outputs[-1], Failed)
    assert engine.singer_count == 0


def test_metrics_name_the_network_in_use(engine: LiveEngine) -> None:
    (network,) = [metric for metric in EngineCollector(engine).collect() if metric.name == "voicejury_live_network"]
    assert [(sample.labels["name"], sample.value) for sample in network.samples] == [(engine.estimator_name, 1)]
    assert engine.estimator_name == "crepe-tiny"


def _refuse(_outputs: list[Output]) -> None:
    """The sink of somebody who has left."""


def test_more_singers_than_a_judge_takes_are_refused(engine: LiveEngine) -> None:
    for _ in range(MAX_SINGERS):
        engine.open(MELODY, RULES, _refuse)
    with pytest.raises(SingError, match="being judged already"):
        engine.open(MELODY, RULES, _refuse)
