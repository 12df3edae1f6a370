"""A take, read back from a real spool file."""

from pathlib import Path

import numpy as np
import pytest
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2

from inference.audio.take import Take, read_take
from inference.errors import TakeError

Record = audio_pb2.TakeRecord
PCM = (1000 * np.sin(np.arange(320) / 5)).astype("<i2")


def header(rate_hz: int = 16_000) -> Record:
    return Record(header=audio_pb2.TakeHeader(session_id="a", song_id="demo", sample_rate_hz=rate_hz))


def audio(first_sample: int, concealed: bool = False, rate_hz: int = 16_000) -> Record:
    return Record(
        audio=audio_pb2.PcmChunk(
            first_sample=first_sample, sample_rate_hz=rate_hz, pcm_s16le=PCM.tobytes(), concealed=concealed
        )
    )


def gap(first_sample: int, sample_count: int) -> Record:
    return Record(gap=audio_pb2.Gap(first_sample=first_sample, sample_count=sample_count))


def anchor(sample: int, song_s: float, playing: bool = True) -> Record:
    return Record(anchor=audio_pb2.ClockAnchor(sample=sample, song_s=song_s, playing=playing))


def end(sample_count: int) -> Record:
    return Record(end=audio_pb2.TakeEnd(sample_count=sample_count))


def spooled(folder: Path, *records: Record) -> Take:
    writer = SpoolWriter(folder / "take.spool")
    for record in records:
        writer.append(record)
    writer.close()
    with (folder / "take.spool").open("rb") as file:
        return read_take(file)


def test_samples_stand_where_they_were_sung(tmp_path: Path) -> None:
    take = spooled(tmp_path, header(), audio(0), audio(320), end(640))
    assert (take.session_id, take.song_id, take.sealed) == ("a", "demo", True)
    assert take.samples.tolist() == (np.tile(PCM, 2) / 32_768).astype(np.float32).tolist()
    assert take.measured.all()


def test_gaps_and_concealed_sound_are_not_measured(tmp_path: Path) -> None:
    take = spooled(tmp_path, header(), audio(0), gap(320, 320), audio(640, concealed=True), audio(960), end(1280))
    assert take.measured.reshape(4, 320).all(axis=1).tolist() == [True, False, False, True]
    assert not take.samples[320:640].any()
    assert take.samples[640:960].any()


def test_a_span_that_nothing_was_written_about_is_not_measured(tmp_path: Path) -> None:
    take = spooled(tmp_path, header(), audio(0), audio(960), end(1600))
    assert take.measured.reshape(5, 320).all(axis=1).tolist() == [True, False, False, True, False]


def test_a_spool_that_was_cut_off_is_read_up_to_the_cut(tmp_path: Path) -> None:
    spooled(tmp_path, header(), audio(0), audio(320))
    path = tmp_path / "take.spool"
    path.write_bytes(path.read_bytes()[:-10])
    with path.open("rb") as file:
        take = read_take(file)
    assert len(take.samples) == 320
    assert not take.sealed


def test_the_latest_anchor_at_or_before_a_sample_holds(tmp_path: Path) -> None:
    anchors = [anchor(1600, -0.5), anchor(16_000, 10.0), anchor(17_600, 10.1, playing=False), anchor(32_000, 10.1)]
    take = spooled(tmp_path, header(), *anchors, audio(0))
    samples = np.array([0, 1600, 15_999, 16_000, 17_600, 31_999, 33_600])
    nan = float("nan")
    expected = [nan, -0.5, -0.5 + 14_399 / 16_000, 10.0, nan, nan, 10.2]
    assert take.song_seconds(samples).tolist() == pytest.approx(expected, nan_ok=True)
    one_by_one = [take.clock.song_s(int(sample)) for sample in samples]
    assert [nan if song_s is None else song_s for song_s in one_by_one] == pytest.approx(expected, nan_ok=True)


def test_anchors_count_by_their_sample_and_not_by_their_place_in_the_file(tmp_path: Path) -> None:
    take = spooled(tmp_path, header(), anchor(3200, 5.0), anchor(0, 0.0), anchor(3200, 6.0), audio(0))
    assert take.song_seconds(np.array([1600, 3200])).tolist() == [0.1, 6.0]


@pytest.mark.parametrize("records", [[], [audio(0)], [header(48_000)], [header(), end(2**62)]])
def test_what_is_no_take_is_refused(tmp_path: Path, records: list[Record]) -> None:
    with pytest.raises(TakeError):
        spooled(tmp_path, *records)


def test_a_chunk_of_another_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="48000 Hz"):
        spooled(tmp_path, header(), audio(0, rate_hz=48_000))


HALF_HOUR = 1800 * 16_000


def test_a_take_beyond_half_an_hour_is_cut_there_and_judged(tmp_path: Path) -> None:
    late = [anchor(HALF_HOUR + 5, 9.0), audio(HALF_HOUR - 100), audio(HALF_HOUR + 1000), end(HALF_HOUR + 1320)]
    take = spooled(tmp_path, header(), anchor(0, 1.0), audio(0), *late)
    assert (len(take.samples), take.sealed, len(take.anchors)) == (HALF_HOUR, True, 1)
    assert int(np.count_nonzero(take.measured)) == 420
    assert take.samples[-100:].tolist() == (PCM[:100] / 32_768).astype(np.float32).tolist()


def test_a_cut_take_is_unsealed_where_its_spool_was(tmp_path: Path) -> None:
    assert not spooled(tmp_path, header(), anchor(0, 1.0), audio(0), gap(320, HALF_HOUR)).sealed


def test_a_long_take_in_which_the_song_did_not_play_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="30 minutes"):
        spooled(tmp_path, header(), anchor(0, 1.0, playing=False), audio(0), end(HALF_HOUR + 1))


def test_a_spool_without_a_header_is_refused_at_its_first_record(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path / "take.spool")
    for index in range(100):
        writer.append(audio(index * 320))
    writer.close()
    with (tmp_path / "take.spool").open("rb") as file:
        with pytest.raises(TakeError, match="header"):
            read_take(file)
        assert file.tell() < 1_000


def test_anchors_without_number_are_not_kept_without_end(tmp_path: Path) -> None:
    take = spooled(tmp_path, header(), *(anchor(index, 0.0) for index in range(6_000)), audio(0))
    assert len(take.anchors) == 5_000


def late(first_sample: int, count: int = 320) -> Record:
    pcm = np.full(count, 4000, "<i2").tobytes()
    return Record(late=audio_pb2.LateChunk(first_sample=first_sample, pcm_s16le=pcm))


def filled(folder: Path, *records: Record) -> Take:
    writer = SpoolWriter(folder / "late.spool")
    for record in records:
        writer.append(record)
    writer.close()
    with (folder / "take.spool").open("rb") as file, (folder / "late.spool").open("rb") as after:
        return read_take(file, after)


def test_late_sound_fills_what_was_not_received_and_nothing_else(tmp_path: Path) -> None:
    before = spooled(tmp_path, header(), audio(0), gap(320, 320), audio(640, concealed=True), audio(960), end(1280))
    after = filled(tmp_path, late(160, 1_000))
    assert after.measured.all()
    assert after.filled_s == 640 / 16_000
    assert (after.samples[320:960] == np.float32(4000 / 32_768)).all()
    for kept in (slice(0, 320), slice(960, 1280)):
        assert (after.samples[kept] == before.samples[kept]).all()
    assert before.filled_s == 0.0


def test_late_sound_may_go_on_beyond_the_end_of_what_was_received(tmp_path: Path) -> None:
    spooled(tmp_path, header(), audio(0), end(320))
    after = filled(tmp_path, late(320), late(640))
    assert (len(after.samples), after.filled_s) == (960, 0.04)
    assert after.measured.all()


def test_a_late_file_that_was_cut_off_is_read_up_to_the_cut(tmp_path: Path) -> None:
    spooled(tmp_path, header(), audio(0), gap(320, 640), end(960))
    filled(tmp_path, late(320), late(640))
    path = tmp_path / "late.spool"
    path.write_bytes(path.read_bytes()[:-1])
    with (tmp_path / "take.spool").open("rb") as file, path.open("rb") as after:
        assert read_take(file, after).filled_s == 0.02
