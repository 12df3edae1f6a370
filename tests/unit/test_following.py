"""Takes followed while they are sung: what is left to do at the end, what a restart costs, and bad spools."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest
from voicejury.v1 import live_pb2, song_pb2

from inference.analysis.following.follower import Followed, Follower
from inference.analysis.following.followers import WORKING_FILE, Followers
from inference.analysis.following.hooks import SungLine
from inference.analysis.following.remembered import Remembered
from inference.analysis.judging import pitch, rules_of, sung_take
from inference.analysis.references import read_reference
from inference.audio.take import Take, read_take
from inference.domain.luck import _chance_credits
from inference.domain.rhythm_score import _chance_onsets
from inference.domain.take_score import score_take
from inference.errors import OverloadedError, TakeError
from inference.models import card
from inference.models.card import LATE_S, FinalAfter, LiveFirst
from inference.models.estimator import PitchEstimator
from inference.models.estimators import build_estimator
from tests.support.growing_spool import GrowingSpool
from tests.unit.synthetic_singers import NO_RECOGNISER, Singer, sing, tune
from tests.unit.test_take_tracking import CountedCrepe, assert_same, real_take, with_holes

RULES = rules_of(0)
PATIENCE_S = 30.0


def song(*lines_s: tuple[float, float]) -> song_pb2.Song:
    phrases = [
        song_pb2.Phrase(onset_s=onset_s, offset_s=offset_s, notes=[song_pb2.Note(onset_s=onset_s, offset_s=offset_s)])
        for onset_s, offset_s in lines_s
    ]
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=phrases))
    return song_pb2.Song(id="song", voices=[song_pb2.Voice(reference=reference)])


_spools: list[GrowingSpool] = []


@pytest.fixture(autouse=True)
def _spools_are_closed() -> Iterator[None]:
    yield
    while _spools:
        _spools.pop().close()


def growing(takes: Path, session_id: str = "a", seconds: float = 33.0) -> GrowingSpool:
    _spools.append(GrowingSpool(takes, session_id, *with_holes(real_take(seconds))))
    return _spools[-1]


def follower(takes: Path, estimator: PitchEstimator, remembered: Remembered, session_id: str = "a") -> Follower:
    spool = fsspec.filesystem("file"), str(takes / session_id / "take.spool")
    return Follower(Followed(session_id, song((0.0, 5.0)), RULES), spool, estimator, remembered)


def work_out(one: Follower) -> None:
    while one.work():
        pass


def read(takes: Path, session_id: str = "a") -> Take:
    with (takes / session_id / "take.spool").open("rb") as file:
        return read_take(file)


def assert_verdicts_hear_the_same(take: Take, estimator: PitchEstimator, remembered: Remembered) -> None:
    sung = sung_take(take)
    assert_same(
        pitch(sung, estimator, RULES, known=remembered).track, pitch(sung, build_estimator("tiny"), RULES).track
    )


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.fixture
def crepe() -> CountedCrepe:
    return CountedCrepe()


def test_of_a_followed_take_only_the_last_block_is_left(tmp_path: Path, crepe: CountedCrepe) -> None:
    spool, remembered = growing(tmp_path), Remembered()
    one = follower(tmp_path, crepe, remembered)
    while spool.sung_s < 30.0:
        spool.sing(1.7)
        work_out(one)
    while_sung = crepe.windows
    spool.seal()
    assert_verdicts_hear_the_same(read(tmp_path), crepe, remembered)
    assert while_sung > 1_000
    assert crepe.windows - while_sung <= 2 * 256 + 300  # what came after the last block, and the rest of the take


def test_a_take_with_pauses_and_moved_clocks_is_heard_as_it_is_read(tmp_path: Path, crepe: CountedCrepe) -> None:
    spool, remembered = growing(tmp_path), Remembered()
    spool.anchor(
        (0, -3.0, True), (160_000, 0.0, False), (200_000, 7.0, True), (200_000, 7.2, True), (330_000, 1.0, True)
    )
    one = follower(tmp_path, crepe, remembered)
    spool.sing(20.0)
    work_out(one)
    spool.seal()
    take = read(tmp_path)
    found = pitch(sung_take(take), crepe, RULES, known=remembered)
    expected = pitch(sung_take(take), build_estimator("tiny"), RULES)
    assert_same(found.track, expected.track)
    assert np.array_equal(found.song_s, expected.song_s, equal_nan=True)
    assert np.isnan(found.song_s).any()


def test_a_take_that_nobody_went_on_with_at_the_end_is_finished_by_the_follower(tmp_path: Path) -> None:
    spool, remembered = growing(tmp_path, seconds=12.0), Remembered()
    crepe = CountedCrepe()
    spool.seal()
    one = follower(tmp_path, crepe, remembered)
    work_out(one)
    assert one.is_over
    before = crepe.windows
    assert_verdicts_hear_the_same(read(tmp_path), crepe, remembered)
    assert crepe.windows == before


def test_a_torn_frame_waits_until_it_is_whole_or_cut_off(tmp_path: Path, crepe: CountedCrepe) -> None:
    spool, remembered = growing(tmp_path), Remembered()
    one = follower(tmp_path, crepe, remembered)
    spool.sing(8.0)
    spool.tear()
    work_out(one)
    assert one.followed_s == 8.0
    spool.reopen()  # the media server was killed: its successor goes on
    spool.seal()
    work_out(one)
    assert one.is_over
    assert_verdicts_hear_the_same(read(tmp_path), crepe, remembered)


def test_what_is_no_take_is_refused(tmp_path: Path, crepe: CountedCrepe) -> None:
    spool = growing(tmp_path)
    spool.sing(1.0)
    data = spool.path.read_bytes()
    head = 8 + int.from_bytes(data[:4], "little")
    spool.path.write_bytes(data[head:])
    with pytest.raises(TakeError, match="header"):
        follower(tmp_path, crepe, Remembered()).work()


def test_a_take_that_is_not_there_yet_is_waited_for(tmp_path: Path, crepe: CountedCrepe) -> None:
    one = follower(tmp_path, crepe, Remembered())
    assert one.work() is False
    growing(tmp_path).sing(2.0)
    work_out(one)
    assert one.followed_s == 2.0


def test_what_is_remembered_survives_as_bytes_and_nothing_damaged_is_taken(tmp_path: Path) -> None:
    crepe, remembered = CountedCrepe(), Remembered()
    growing(tmp_path, seconds=12.0).seal()
    work_out(follower(tmp_path, crepe, remembered))
    before, data = crepe.windows, remembered.to_bytes()
    again = Remembered()
    again.add_bytes(data)
    assert_verdicts_hear_the_same(read(tmp_path), crepe, again)
    assert crepe.windows == before
    rng = np.random.default_rng(2)
    for place in (0, 3, 4, 20, len(data) - 1, *rng.integers(0, len(data), 20)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << int(rng.integers(0, 8))
        with pytest.raises(ValueError, match="checksum"):
            Remembered().add_bytes(bytes(damaged))
    for length in (0, 3, 4, 100, len(data) - 1):
        with pytest.raises(ValueError, match="checksum"):
            Remembered().add_bytes(data[:length] if length else b"")


@pytest.fixture
def followers(tmp_path: Path, crepe: CountedCrepe) -> Iterator[Followers]:
    running = Followers(tmp_path.as_uri(), crepe, most=3)
    yield running
    running.stop()


class Ends:
    """Counts what a listener is told."""

    def __init__(self) -> None:
        self.words: list[live_pb2.LineWords] = []
        self.is_over = threading.Event()

    def __call__(self, words: live_pb2.LineWords | None) -> None:
        if words is None:
            self.is_over.set()
        else:
            self.words.append(words)


def what(session_id: str = "a") -> Followed:
    return Followed(session_id, song((1.0, 3.0), (3.0, 6.0)), RULES)


def test_a_restarted_process_goes_on_from_the_working_file(tmp_path: Path, crepe: CountedCrepe) -> None:
    growing(tmp_path, seconds=20.0).seal()
    first, told = Followers(tmp_path.as_uri(), crepe, most=3), Ends()
    first.follow(what(), told)
    assert told.is_over.wait(PATIENCE_S)
    first.stop()
    before = crepe.windows
    second = Followers(tmp_path.as_uri(), crepe, most=3)
    assert_verdicts_hear_the_same(read(tmp_path), crepe, second.known("a"))
    assert crepe.windows == before


@pytest.mark.parametrize("damage", ["torn", "other estimator", "empty"])
def test_a_working_file_that_is_not_good_is_not_used(tmp_path: Path, crepe: CountedCrepe, damage: str) -> None:
    growing(tmp_path, seconds=12.0).seal()
    first, told = Followers(tmp_path.as_uri(), crepe, most=3), Ends()
    first.follow(what(), told)
    assert told.is_over.wait(PATIENCE_S)
    first.stop()
    path = tmp_path / "a" / "work" / WORKING_FILE
    data = path.read_bytes()
    if damage == "torn":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(data.replace(b"crepe-tiny", b"crepe-huge", 1))
    known = Followers(tmp_path.as_uri(), crepe, most=3).known("a")
    assert len(known) == 0
    assert_verdicts_hear_the_same(read(tmp_path), crepe, known)


def test_no_more_takes_are_followed_than_may_be(tmp_path: Path, followers: Followers) -> None:
    for number in range(20):
        growing(tmp_path, f"s{number}", 4.0).sing(2.0)
    for number in range(3):
        followers.follow(what(f"s{number}"), Ends())
    for number in range(3, 20):
        with pytest.raises(OverloadedError, match="3 takes"):
            followers.follow(what(f"s{number}"), Ends())
    assert followers.followed == 3
    followers.follow(what("s0"), Ends())  # again: it is followed already


def test_a_take_without_news_gives_its_place_away(
    tmp_path: Path, followers: Followers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        growing(tmp_path, f"s{number}", 4.0).sing(2.0)
    ends = [Ends() for _ in range(4)]
    for number in range(3):
        followers.follow(what(f"s{number}"), ends[number])
    monkeypatch.setattr("inference.analysis.following.followers.IDLE_S", 0.0)
    followers.follow(what("s3"), ends[3])
    assert sum(one.is_over.is_set() for one in ends) == 1
    assert not ends[3].is_over.is_set()


def test_a_spool_that_is_no_take_ends_its_own_following_only(tmp_path: Path, followers: Followers) -> None:
    bad = growing(tmp_path, "bad", 4.0)
    bad.sing(1.0)
    data = bad.path.read_bytes()
    bad.path.write_bytes(data[8 + int.from_bytes(data[:4], "little") :])
    growing(tmp_path, "good", 4.0).seal()
    ends = Ends(), Ends()
    followers.follow(what("bad"), ends[0])
    followers.follow(what("good"), ends[1])
    assert ends[0].is_over.wait(PATIENCE_S)
    assert ends[1].is_over.wait(PATIENCE_S)
    assert len(followers.known("good")) > 0


class Listener:
    """Writes down which lines it was given."""

    def __init__(self) -> None:
        self.lines: list[SungLine] = []

    def hear(self, line: SungLine) -> list[live_pb2.LineWords]:
        self.lines.append(line)
        if line.phrase == 1:
            raise RuntimeError("a recogniser that breaks")
        return [live_pb2.LineWords(phrase=line.phrase, heard="la")]


def test_each_line_is_heard_once_when_it_is_over(tmp_path: Path) -> None:
    listener, told = Listener(), Ends()
    running = Followers(tmp_path.as_uri(), CountedCrepe(), most=3, listener=listener)
    spool = growing(tmp_path, seconds=20.0)
    spool.anchor((0, -2.0, True), (96_000, 4.0, False), (128_000, 4.0, True))  # a pause of two seconds at 4.0 s
    lines = song((0.0, 3.0), (3.0, 3.5), (4.5, 9.0), (60.0, 70.0))
    running.follow(Followed("a", lines, RULES), told)
    spool.sing(5.0)
    wait_until(lambda: running._places["a"].follower.followed_s == 5.0)
    assert not listener.lines
    spool.sing(0.6)
    wait_until(lambda: len(listener.lines) == 1)
    spool.seal()
    assert told.is_over.wait(PATIENCE_S)
    running.stop()
    assert [line.phrase for line in listener.lines] == [0, 1, 2]
    assert [words.phrase for words in told.words] == [0, 2]
    first, _, third = listener.lines
    assert first.first_song_s == pytest.approx(-0.4, abs=0.021)
    assert len(first.samples) == pytest.approx(3.8 * 16_000, abs=700)
    take = read(tmp_path)
    assert np.array_equal(first.samples, take.samples[25_600 : 25_600 + len(first.samples)])
    assert third.first_song_s == pytest.approx(4.1, abs=0.021)
    assert len(third.samples) == pytest.approx(5.3 * 16_000, abs=700)


def test_a_long_take_costs_little_memory_and_little_at_its_end(tmp_path: Path, crepe: CountedCrepe) -> None:
    samples = np.tile(real_take(30.0), 4)  # two minutes
    spool = GrowingSpool(tmp_path, "a", samples, np.ones(len(samples), np.bool_))
    remembered = Remembered()
    one = follower(tmp_path, crepe, remembered)
    while spool.sung_s < 115.0:
        spool.sing(10.0)
        work_out(one)
    before = crepe.windows
    spool.seal()
    pitch(sung_take(read(tmp_path)), crepe, RULES, known=remembered)
    assert crepe.windows - before <= 3 * 256 + 500
    assert len(remembered.to_bytes()) < 2_000_000


@pytest.mark.parametrize("level", [0, 1, 2])
def test_what_luck_earns_on_a_song_is_known_before_the_take_is_over(tmp_path: Path, level: int) -> None:
    rules = replace(rules_of(level), chance_range_degrees=5 + level)  # a song and rules that nobody judged before
    lines = song((0.0, 2.0), (2.5, 5.0))
    for phrase in lines.voices[0].reference.melody.phrases:
        phrase.notes[0].midi = 57 + phrase.onset_s
    spool = fsspec.filesystem("file"), str(tmp_path / "a" / "take.spool")
    Follower(Followed("a", lines, rules), spool, build_estimator("tiny"), Remembered()).work()
    before = _chance_credits.cache_info().misses, _chance_onsets.cache_info().misses
    track = sing(tune(0, 6.0), Singer())
    score_take(read_reference(lines, rules), track, track.times_s, NO_RECOGNISER, rules)
    assert (_chance_credits.cache_info().misses, _chance_onsets.cache_info().misses) == before


def test_a_take_that_its_job_has_taken_over_is_not_followed_any_more(tmp_path: Path, followers: Followers) -> None:
    spool, told = growing(tmp_path, seconds=12.0), Ends()
    spool.sing(8.0)
    followers.follow(what(), told)
    wait_until(lambda: followers._places["a"].follower.followed_s == 8.0)
    known = followers.known("a")
    assert told.is_over.wait(PATIENCE_S)
    assert followers.followed == 0
    assert len(known) > 0
    spool.seal()
    assert_verdicts_hear_the_same(read(tmp_path), build_estimator("tiny"), known)


def test_a_take_is_followed_only_once_live_work_is_in_time(
    tmp_path: Path, crepe: CountedCrepe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "LONGEST_WAIT_S", 120.0)
    lock, told = tmp_path / "card.lock", Ends()
    live, followers = LiveFirst(lock), Followers(tmp_path.as_uri(), crepe, most=1, final=FinalAfter(lock))
    live.behind(2 * LATE_S)
    before = crepe.windows
    growing(tmp_path, seconds=6.0).seal()
    followers.follow(what(), told)
    assert not told.is_over.wait(2.0)
    assert crepe.windows == before
    live.behind(0.0)
    assert told.is_over.wait(PATIENCE_S)
    assert crepe.windows > before
    followers.stop()
