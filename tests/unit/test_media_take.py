"""The take on disk: spool, recovery, seal, what the judge is told again, and when it dies."""

import asyncio
import os
from pathlib import Path

import numpy as np
import prometheus_client
import pytest
from voicejury.spool import read_records
from voicejury.v1 import audio_pb2, live_pb2, song_pb2

from media_server.clock import Anchor
from media_server.errors import SessionIdError, SessionOverError
from media_server.feed import MAX_WAITING_CHUNKS, Feed, FeedState
from media_server.frames import Pcm
from media_server.retention import sweep, sweep_for_ever
from media_server.take import Take, seal_spool, spool_path

NETWORK = audio_pb2.GAP_REASON_NETWORK


def sound(value: float = 0.5, samples: int = 320) -> Pcm:
    return np.full(samples, value, np.float32)


def kinds(path: Path) -> list[str | None]:
    with path.open("rb") as file:
        return [record.WhichOneof("record") for _, record in read_records(file)]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "x" * 65, "é", "a\n", "a.b"])
def test_a_session_id_that_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SessionIdError):
        spool_path(tmp_path, name)


def test_audio_gaps_and_anchors_are_kept_in_order(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.audio(0, sound(), concealed=False)
    take.anchor(Anchor(100, -1.5, True))
    take.gap_until(640, NETWORK)
    take.audio(640, sound(), concealed=True)
    summary = take.seal()
    assert kinds(take.path) == ["header", "audio", "anchor", "gap", "audio", "end"]
    assert (summary.sample_count, summary.gap_samples, summary.concealed_samples) == (960, 320, 320)


def test_what_overlaps_the_end_of_the_take_is_cut_off(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.audio(0, sound(), concealed=False)
    item = take.audio(100, sound(), concealed=False)
    assert item is not None
    assert (item.audio.first_sample, len(item.audio.pcm_s16le)) == (320, 200)
    assert take.audio(0, sound(), concealed=False) is None
    take.close()


def test_a_torn_frame_is_cut_off_and_the_take_goes_on(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    for index in range(3):
        take.audio(index * 320, sound(), concealed=False)
    take.close()
    os.truncate(take.path, take.path.stat().st_size - 7)
    again = Take.open(tmp_path, "s", "song")
    assert again.next_sample == 640
    item = again.audio(640, sound(), concealed=False)
    assert item is not None
    assert item.audio.seq == 2
    assert again.seal().sample_count == 960
    assert kinds(again.path) == ["header", "audio", "audio", "audio", "end"]


def test_a_flipped_bit_ends_the_take_there(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    for index in range(3):
        take.audio(index * 320, sound(), concealed=False)
    take.close()
    damaged = bytearray(take.path.read_bytes())
    damaged[-100] ^= 1
    take.path.write_bytes(damaged)
    again = Take.open(tmp_path, "s", "song")
    assert again.next_sample == 640
    again.close()


def test_sealing_again_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.audio(0, sound(), concealed=False)
    first = take.seal()
    size = take.path.stat().st_size
    assert seal_spool(tmp_path, "s") == first
    assert take.path.stat().st_size == size
    with pytest.raises(SessionOverError):
        Take.open(tmp_path, "s", "song")


def test_the_spool_of_a_dead_process_is_sealed(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.audio(0, sound(), concealed=False)
    take.close()
    summary = seal_spool(tmp_path, "s")
    assert (summary.take_key, summary.sample_count) == ("s/take.spool", 320)
    assert kinds(take.path)[-1] == "end"


def test_a_session_that_received_nothing_has_no_take(tmp_path: Path) -> None:
    assert seal_spool(tmp_path, "never").take_key == ""
    take = Take.open(tmp_path, "s", "song")
    assert take.seal().take_key == ""


def test_the_spool_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.close()
    assert take.path.stat().st_mode & 0o077 == 0
    assert take.path.parent.stat().st_mode & 0o077 == 0


def feed_of(take: Take) -> Feed:
    return Feed(take.session_id, song_pb2.Song(id="song"), live_pb2.LEVEL_NORMAL, take.path)


def test_the_judge_hears_the_spool_first_and_then_each_packet_once(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    feed = feed_of(take)
    for index in range(500):
        item = take.audio(index * 320, sound(), concealed=False)
        assert item is not None
        feed.push(item)
    heard = [feed.start()]
    while not feed.caught_up(take.end_offset):
        heard += feed.read_piece(take.end_offset)
    last = take.audio(500 * 320, sound(), concealed=False)
    assert last is not None
    feed.push(last)
    heard += feed.take()
    assert heard[0].WhichOneof("input") == "start"
    assert [item.audio.seq for item in heard[1:]] == list(range(501))
    take.close()


def test_a_slow_judge_loses_the_oldest_sound_and_is_told_the_gap(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    feed = feed_of(take)
    feed.start()
    feed.read_piece(take.end_offset)
    assert feed.caught_up(take.end_offset)
    feed.push(take.anchor(Anchor(0, 0.0, True)))
    for index in range(MAX_WAITING_CHUNKS + 10):
        item = take.audio(index * 320, sound(), concealed=False)
        assert item is not None
        feed.push(item)
    items = feed.take()
    gap = items[0].gap
    assert (gap.reason, gap.first_sample, gap.sample_count) == (audio_pb2.GAP_REASON_OVERLOAD, 0, 3_200)
    assert items[1].HasField("anchor")
    assert items[2].audio.first_sample == 3_200
    assert len(items) == MAX_WAITING_CHUNKS + 2
    take.close()


def test_a_lost_stream_begins_again_with_the_start(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    feed = feed_of(take)
    feed.start()
    feed.read_piece(take.end_offset)
    feed.caught_up(take.end_offset)
    item = take.audio(0, sound(), concealed=False)
    assert item is not None
    feed.push(item)
    feed.lost()
    assert feed.state is FeedState.NEW
    feed.start()
    assert [piece.audio.first_sample for piece in feed.read_piece(take.end_offset)] == [0]
    take.close()


def test_a_spool_that_vanished_does_not_stop_the_judge(tmp_path: Path) -> None:
    take = Take.open(tmp_path, "s", "song")
    take.audio(0, sound(), concealed=False)
    feed = feed_of(take)
    feed.start()
    take.path.unlink()
    assert feed.read_piece(take.end_offset) == []
    assert feed.caught_up(take.end_offset)
    take.close()


def test_a_take_dies_two_hours_after_its_session_and_not_before(tmp_path: Path) -> None:
    for name in ("over", "unsealed", "live"):
        take = Take.open(tmp_path, name, "song")
        take.audio(0, sound(), concealed=False)
        if name == "over":
            take.seal()
            (take.path.parent / "verdict.pb").write_bytes(b"x")
        take.close()
    written_s = (tmp_path / "over" / "take.spool").stat().st_mtime
    assert sweep(tmp_path, 7200.0, written_s + 7199.0, {"live"}).deleted == 0
    assert sweep(tmp_path, 7200.0, written_s + 7202.0, {"live"}).deleted == 2
    assert [path.name for path in tmp_path.iterdir()] == ["live"]


def test_the_sweeper_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    takes = tmp_path / "takes"
    takes.mkdir()
    (takes / "link").symlink_to(outside)
    assert sweep(takes, 1.0, 1e12, set()).deleted == 0
    assert outside.exists()


async def test_a_take_that_cannot_be_deleted_is_not_counted_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("stuck", "gone"):
        Take.open(tmp_path, name, "song").close()
        os.utime(spool_path(tmp_path, name), (0, 0))
    remove = os.rmdir

    def rmdir_on_a_failing_disk(path: str, *, dir_fd: int | None = None) -> None:
        if Path(path).name == "stuck":
            raise PermissionError(1, "refused", path)
        remove(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "rmdir", rmdir_on_a_failing_disk)
    counted = _takes_deleted()
    sweeps = Counted(set())
    sweeping = asyncio.create_task(sweep_for_ever(tmp_path, 0.01, sweeps))
    async with asyncio.timeout(60):
        while sweeps.count < 4:  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.02)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert _names(tmp_path) == ["stuck"]
    assert _takes_deleted() - counted == 1
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert told == ["session stuck: the take's time is over and its folder cannot be deleted"]


class Counted:
    """The sessions that live, and how often it was asked."""

    def __init__(self, live_ids: set[str]) -> None:
        self.count = 0
        self._live_ids = live_ids

    def __call__(self) -> set[str]:
        self.count += 1
        return self._live_ids


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _takes_deleted() -> float:
    return prometheus_client.REGISTRY.get_sample_value("voicejury_media_takes_deleted_total") or 0.0
