"""A spool whose bytes were damaged on the disk: what can still be read is read, and nothing of it is cut off."""

import io
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import fsspec
import numpy as np
import pytest
from voicejury.spool import FRAME, MAX_RECORD_BYTES, SpoolWriter, read_records
from voicejury.v1 import audio_pb2

from inference.analysis.following.spool_tail import SpoolTail
from inference.audio.take import read_take
from media_server.take import Take, seal_spool

CHUNKS, SAMPLES = 20, 320
DAMAGED = 7  # of the chunks
HURT_CPU_S = 5.0  # two orders of magnitude above what it takes
Record = audio_pb2.TakeRecord
PCM = (1000 * np.sin(np.arange(SAMPLES) / 5)).astype("<i2")


def chunk(seq: int, pcm: bytes = PCM.tobytes()) -> Record:
    return Record(audio=audio_pb2.PcmChunk(seq=seq, first_sample=seq * SAMPLES, sample_rate_hz=16_000, pcm_s16le=pcm))


def written(path: Path) -> list[int]:
    """The offsets at which the frames begin; the header's is the first."""
    writer = SpoolWriter(path)
    begins = [0]
    writer.append(Record(header=audio_pb2.TakeHeader(session_id="s", song_id="demo", sample_rate_hz=16_000)))
    for seq in range(CHUNKS):
        begins.append(writer.end_offset)
        writer.append(chunk(seq))
    writer.close()
    return begins


def kept(path: Path) -> list[int]:
    with path.open("rb") as file:
        return [record.audio.seq for _, record in read_records(file) if record.HasField("audio")]


def body_changed(data: bytearray, begin: int, _end: int) -> None:
    data[begin + 100] ^= 0x01


def checksum_changed(data: bytearray, begin: int, _end: int) -> None:
    data[begin + 4] ^= 0x80


def length_shorter(data: bytearray, begin: int, _end: int) -> None:
    data[begin : begin + 4] = (17).to_bytes(4, "little")


def length_beyond_the_end(data: bytearray, begin: int, _end: int) -> None:
    data[begin : begin + 4] = MAX_RECORD_BYTES.to_bytes(4, "little")


def length_impossible(data: bytearray, begin: int, _end: int) -> None:
    data[begin : begin + 4] = b"\xff\xff\xff\xff"


def never_reached_the_disk(data: bytearray, begin: int, end: int) -> None:
    data[begin:end] = bytes(end - begin)


def beginning_never_reached_the_disk(data: bytearray, begin: int, _end: int) -> None:
    data[begin : begin + 99] = bytes(99)


def part_is_missing(data: bytearray, begin: int, _end: int) -> None:
    del data[begin + 3 : begin + 40]


def something_else_stands_there(data: bytearray, begin: int, _end: int) -> None:
    data[begin + 5 : begin + 30] = np.random.default_rng(2).bytes(700)


DAMAGE = [
    body_changed,
    checksum_changed,
    length_shorter,
    length_beyond_the_end,
    length_impossible,
    never_reached_the_disk,
    beginning_never_reached_the_disk,
    part_is_missing,
    something_else_stands_there,
]


def damage(path: Path, begins: list[int], how: Callable[[bytearray, int, int], None], seq: int = DAMAGED) -> bytes:
    data = bytearray(path.read_bytes())
    how(data, begins[seq + 1], begins[seq + 2])
    path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_record_costs_itself_and_nothing_that_follows(
    how: Callable[[bytearray, int, int], None], tmp_path: Path
) -> None:
    path = tmp_path / "take.spool"
    damage(path, written(path), how)
    readable = [seq for seq in range(CHUNKS) if seq != DAMAGED]
    assert kept(path) == readable
    before = path.read_bytes()
    writer = SpoolWriter(path)
    writer.append(chunk(CHUNKS))
    writer.close()
    assert path.read_bytes().startswith(before)
    assert kept(path) == [*readable, CHUNKS]


def test_a_take_goes_on_and_is_sealed_behind_damage_and_its_sound_stands_where_it_was_sung(tmp_path: Path) -> None:
    path = tmp_path / "s" / "take.spool"
    begins = written(path)
    damage(path, begins, body_changed)
    take = Take.open(tmp_path, "s", "demo")
    assert take.next_sample == CHUNKS * SAMPLES
    assert take.audio(CHUNKS * SAMPLES, np.full(SAMPLES, 0.1, np.float32), concealed=False) is not None
    assert take.end_offset == path.stat().st_size
    take.close()
    assert seal_spool(tmp_path, "s").sample_count == (CHUNKS + 1) * SAMPLES
    with path.open("rb") as file:
        read = read_take(file)
    is_measured = [bool(read.measured[at : at + SAMPLES].all()) for at in range(0, len(read.measured), SAMPLES)]
    assert (read.sealed, len(is_measured)) == (True, CHUNKS + 1)
    assert [seq for seq in range(CHUNKS + 1) if not is_measured[seq]] == [DAMAGED]
    assert (read.samples[-2 * SAMPLES : -SAMPLES] == PCM / np.float32(32_768)).all()


def test_damage_is_told_once_with_its_size_and_a_torn_last_record_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s" / "take.spool"
    begins = written(path)
    with path.open("ab") as file:
        file.write(FRAME.pack(600, 1) + bytes(50))
    with caplog.at_level(logging.WARNING):
        SpoolWriter(path).close()
        assert caplog.messages == []
        damage(path, begins, body_changed)
        SpoolWriter(path).close()
    size, lost = path.stat().st_size, begins[DAMAGED + 2] - begins[DAMAGED + 1]
    assert caplog.messages == [f"the spool of s is damaged: {lost} of {size} bytes cannot be read"]


@pytest.mark.parametrize("torn", [b"\x00", FRAME.pack(600, 1), FRAME.pack(600, 1) + b"\x12" * 599])
def test_a_torn_last_record_is_cut_off_behind_damage_too(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    begins = written(path)
    data = damage(path, begins, length_impossible)
    path.write_bytes(data + torn)
    writer = SpoolWriter(path)
    assert writer.end_offset == len(data)
    writer.close()
    assert path.read_bytes() == data


def test_bytes_behind_the_last_record_that_never_reached_the_disk_leave_the_take_sealed(tmp_path: Path) -> None:
    path = tmp_path / "s" / "take.spool"
    written(path)
    seal_spool(tmp_path, "s")
    data = path.read_bytes() + bytes(4096)
    path.write_bytes(data)
    with path.open("rb") as file:
        assert read_take(file).sealed
    assert seal_spool(tmp_path, "s").sample_count == CHUNKS * SAMPLES
    assert path.read_bytes() == data


def test_who_reads_along_goes_on_behind_damage_and_waits_for_a_record_that_is_still_written(tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    begins = written(path)
    whole = damage(path, begins, length_beyond_the_end)
    cut = begins[-1] + 200  # within the last frame
    path.write_bytes(whole[:cut])
    tail = SpoolTail(fsspec.filesystem("file"), str(path))
    heard = [record.audio.seq for record in tail.read() if record.HasField("audio")]
    assert heard == [seq for seq in range(CHUNKS - 1) if seq != DAMAGED]
    assert tail.read() == []
    path.write_bytes(whole)
    assert [record.audio.seq for record in tail.read()] == [CHUNKS - 1]


class Growing(io.BytesIO):
    """A spool to which `rest` is appended just when its reader finds that the last frame is torn."""

    def __init__(self, data: bytes, rest: bytes) -> None:
        super().__init__(data)
        self._rest = rest

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END and self._rest:
            super().seek(0, os.SEEK_END)
            self.write(self._rest)
            self._rest = b""
        return super().seek(offset, whence)


def test_a_record_that_becomes_whole_while_its_reader_looks_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    begins = written(path)
    data, cut = path.read_bytes(), begins[-3] + 100
    file = Growing(data[:cut], data[cut:])
    assert [record.audio.seq for _, record in read_records(file)][1:] == list(range(CHUNKS))


def test_much_damage_costs_little_time_and_what_looks_like_a_record_within_it_is_none(tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    writer = SpoolWriter(path)
    writer.append(chunk(0))
    writer.close()
    quiet = np.random.default_rng(1).integers(-6, 7, 4_000_000).astype("<i2").tobytes()
    like = FRAME.pack(900, 7) + b"\x12\x81\x07" + bytes(897)
    after = tmp_path / "after.spool"
    writer = SpoolWriter(after)
    writer.append(chunk(1))
    writer.close()
    path.write_bytes(path.read_bytes() + b"\xff" * 9 + quiet + 1000 * like + after.read_bytes())
    began_s = time.process_time()
    assert kept(path) == [0, 1]
    assert time.process_time() - began_s < HURT_CPU_S
