"""`voicejury sing`: against real judges, and what it says when it cannot sing."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from google.protobuf import json_format
from pydantic import SecretStr
from voicejury.tokens import Scope, mint
from voicejury.v1 import media_pb2, song_pb2

from deploy.commands.sing import command, perform
from deploy.singer import direct
from deploy.singer.events import Event, plain
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.support.media import SECRET, free_port, tone

NOTE = song_pb2.Note(onset_s=0.2, offset_s=1.8, midi=57.0, syllable="la", starts_word=True)
MELODY = song_pb2.Melody(phrases=[song_pb2.Phrase(onset_s=0.2, offset_s=1.8, notes=[NOTE], text="la")])
SONG = song_pb2.Song(
    id="la",
    duration_s=2.0,
    language="fr",
    voices=[song_pb2.Voice(name="P1", reference=song_pb2.Reference(melody=MELODY))],
)


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.wav"
    rest = np.zeros(round(0.2 * 48_000), np.int16)
    soundfile.write(path, np.concatenate([rest, tone(1.6), rest]), 48_000)
    return path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "songs" / "la").mkdir(parents=True)
    (folder / "songs" / "la" / "song.json").write_text(json_format.MessageToJson(SONG))
    (folder / "secret").write_text(SECRET)
    return folder


@asynccontextmanager
async def judges_on(data_dir: Path) -> AsyncIterator[direct.Judges]:
    settings = Settings(secret=SecretStr(SECRET), data_dir=data_dir)
    async with running(Role.LIVE, settings) as (live, _), running(Role.ANALYSIS, settings) as (analysis, _):
        tester, own = (mint(SECRET, scope, "test", 60.0) for scope in (Scope.TESTER, Scope.SERVICE))
        yield direct.Judges(f"127.0.0.1:{live}", f"127.0.0.1:{analysis}", tester, own, data_dir / "takes")


async def test_a_tone_sung_over_grpc_is_drawn_in_real_time_and_judged(take: Path, data_dir: Path) -> None:
    async with judges_on(data_dir) as judges:
        events: list[Event] = [event async for event in direct.sing(take, SONG, judges)]
    voiced = [event for event in events if event["type"] == "pitch" and event["f0_hz"]]
    assert len(voiced) > 60
    assert np.median([event["f0_hz"] for event in voiced]) == pytest.approx(220.0, rel=0.006)  # 10 cents
    assert min(event["latency_ms"] for event in voiced) > 0
    assert events[-1]["type"] == "verdict"
    assert events[-1]["pitch"] > 85
    assert "lyrics" in events[-1]["reasons"]


async def test_json_lines_are_pitches_and_a_verdict_unless_all_events_are_asked_for(
    take: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with judges_on(data_dir) as judges:
        for all_events in (False, True):
            await perform(direct.sing(take, SONG, judges), as_json=True, all_events=all_events)
            *lines, verdict = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
            pitches = [line for line in lines if line["type"] == "pitch"]
            assert all({"song_s", "f0_hz", "latency_ms"} <= line.keys() for line in pitches)
            assert verdict["pitch"] > 85
            others = {line["type"] for line in lines} - {"pitch"}
            assert not others if not all_events else {"score", "progress", "juror"} <= others


def test_counters_are_numbers() -> None:
    stats = plain("stats", media_pb2.MediaStats(gap_samples=2**40, concealed_samples=3))
    assert (stats["gap_samples"], stats["concealed_samples"]) == (2**40, 3)


def test_all_events_without_json_is_told_in_one_line(data_dir: Path) -> None:
    assert_one_line(sing(data_dir, "take.wav", "--song", "la", "--all-events"), "--all-events goes with --json")


def sing(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--data-dir", str(data_dir)])


def assert_one_line(result: Result, text: str) -> None:
    assert result.exit_code == 2
    assert text in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_missing_file_is_told_in_one_line(data_dir: Path) -> None:
    assert_one_line(sing(data_dir, "nowhere.wav", "--song", "la"), "nowhere.wav: no such file")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all"])
def test_a_file_that_is_no_sound_is_told_in_one_line(data_dir: Path, tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(content)
    (data_dir / "run.json").write_text(json.dumps({"grpc_live": "127.0.0.1:1"}))
    assert_one_line(sing(data_dir, str(broken), "--song", "la", "--via", "grpc"), "not a sound file")


def test_an_unknown_song_is_told_in_one_line(data_dir: Path, take: Path) -> None:
    result = sing(data_dir, str(take), "--song", "../la2", "--via", "grpc", "--url", "127.0.0.1:1")
    assert_one_line(result, "there is no song")


def test_no_running_house_is_told_in_one_line(data_dir: Path, take: Path) -> None:
    assert_one_line(sing(data_dir, str(take), "--song", "la", "--via", "grpc"), "no server runs on")


def test_a_page_that_does_not_answer_is_told_in_one_line(data_dir: Path, take: Path) -> None:
    result = sing(data_dir, str(take), "--song", "la", "--url", f"http://127.0.0.1:{free_port()}")
    assert_one_line(result, "no server at")
