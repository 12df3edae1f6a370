"""Bad sound on every way in: a defined result or a refusal that names the problem; never NaN, never a free point."""

import json
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import grpc
import numpy as np
import pytest
import pytest_asyncio
import soundfile
from click.testing import CliRunner, Result
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import tester_pb2, tester_pb2_grpc

from deploy.cli import main
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.support.bad_audio import BAD_FILES, BadFile, Fate, song
from tests.support.places import ROOT
from tests.unit.recordings import RATE_HZ, voice

SECRET = "a secret for tests that is long enough"
ALL = pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
HOUR_S = 3600
HOUR_MB = 800  # peak of a process with an hour of sound: 230 MB of samples, twice while they are padded, and the judge


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.wav"
    soundfile.write(path, song(), RATE_HZ)
    return path


@pytest.fixture
def path(bad: BadFile, tmp_path: Path) -> Path:
    bad.write(tmp_path / bad.name)
    return tmp_path / bad.name


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} in the JSON")


def document(result: Result) -> Any:
    """The JSON of a command that went well; NaN and Infinity are no JSON."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout, parse_constant=no_constant)


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def assert_refused(result: Result, bad: BadFile, said: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    error = result.stderr.splitlines()[-1]
    assert error.startswith("Error: ")
    assert bad.name in error
    assert said in error


def assert_worth(parts: dict[str, float | None], fate: Fate) -> None:
    assert parts["pitch"] is not None
    assert parts["rhythm"] is not None
    if fate is Fate.SUNG:
        assert min(parts["pitch"], parts["rhythm"]) >= 97
    else:
        assert (parts["pitch"], parts["rhythm"]) == (0, 0)


@ALL
@pytest.mark.parametrize("way", [(), ("--live",)])
def test_its_pitch_is_told_or_the_problem(bad: BadFile, path: Path, way: tuple[str, ...]) -> None:
    result = command("pitch", path, "--json", *way)
    if bad.fate is Fate.REFUSED:
        assert_refused(result, bad, bad.said)
        return
    f0_hz = [frame["f0_hz"] for frame in document(result)]
    assert all(map(math.isfinite, f0_hz))
    assert (sum(hz > 0 for hz in f0_hz) >= 0.8 * len(f0_hz)) is (bad.fate is Fate.SUNG)
    if bad.fate is Fate.NOT_SUNG:
        assert not any(f0_hz)


@ALL
def test_as_a_take_it_is_worth_what_was_sung_or_refused(bad: BadFile, path: Path, good: Path) -> None:
    result = command("judge", "--take", path, "--reference", good, "--json")
    if bad.fate is Fate.REFUSED:
        assert_refused(result, bad, bad.said)
        return
    verdict = document(result)
    assert all(map(math.isfinite, numbers(verdict)))
    assert_worth(verdict, bad.fate)


@ALL
def test_as_a_reference_it_is_sung_against_or_refused(bad: BadFile, path: Path, good: Path) -> None:
    result = command("judge", "--take", good, "--reference", path, "--json")
    if bad.fate is Fate.SUNG:
        verdict = document(result)
        assert all(map(math.isfinite, numbers(verdict)))
        assert_worth(verdict, Fate.SUNG)
    else:
        assert_refused(result, bad, "no voiced frame" if bad.fate is Fate.NOT_SUNG else bad.said)


def test_a_folder_is_no_sound_file(tmp_path: Path, good: Path) -> None:
    folder = tmp_path / "folder.wav"
    folder.mkdir()
    named = BadFile("folder.wav", lambda _path: None, Fate.REFUSED)
    assert_refused(command("pitch", folder), named, "folder")
    assert_refused(command("judge", "--take", folder, "--reference", good), named, "folder")
    assert_refused(command("judge", "--take", good, "--reference", folder), named, "folder")


def test_a_reference_of_one_note_is_won_by_that_note_only(tmp_path: Path, good: Path) -> None:
    one = tmp_path / "one.wav"
    soundfile.write(one, voice(220.0, 3.0), RATE_HZ)
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(3 * RATE_HZ), RATE_HZ)
    parts = {name: document(command("judge", "--take", take, "--reference", one, "--json"))
             for name, take in (("the note", one), ("silence", silent), ("a tune", good))}  # fmt: skip
    assert parts["the note"]["pitch"] >= 98
    assert (parts["silence"]["pitch"], parts["silence"]["rhythm"]) == (0, 0)
    assert parts["a tune"]["pitch"] <= 50


def test_without_a_voice_a_transcript_earns_nothing_and_without_lyrics_it_is_null(tmp_path: Path, good: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("au clair de la lune\n", encoding="utf-8")
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(8 * RATE_HZ), RATE_HZ)
    heard = ("--heard", words, "--json")
    without = document(command("judge", "--take", good, "--reference", good, *heard))
    assert without["lyrics"] is None
    assert without["reasons"]["lyrics"] == "the song has no lyrics"
    wanted = ("--reference", good, "--lyrics", words, "--lyrics-language", "fr", *heard)
    assert document(command("judge", "--take", good, *wanted))["lyrics"] == 100
    assert document(command("judge", "--take", silent, *wanted))["lyrics"] == 0


@pytest_asyncio.fixture
async def stub(tmp_path: Path) -> AsyncIterator[tester_pb2_grpc.TesterServiceStub]:
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", audio_url="")
    async with running(Role.ANALYSIS, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield tester_pb2_grpc.TesterServiceStub(channel)


@pytest.fixture
def good_sound(good: Path) -> bytes:
    return good.read_bytes()


@pytest.fixture
def bad_sounds(tmp_path: Path) -> dict[str, bytes]:
    for bad in BAD_FILES:
        bad.write(tmp_path / bad.name)
    return {bad.name: (tmp_path / bad.name).read_bytes() for bad in BAD_FILES}


async def outcome(call: Any) -> tuple[Any, str]:
    """The answer, or None and the refusal of what is no sound."""
    try:
        return await call, ""
    except grpc.aio.AioRpcError as refusal:
        if refusal.code() is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        return None, str(refusal.details())


async def test_over_grpc_each_file_comes_to_the_same(
    stub: tester_pb2_grpc.TesterServiceStub, bad_sounds: dict[str, bytes], good_sound: bytes
) -> None:
    metadata = bearer_metadata(mint(SECRET, Scope.TESTER, "test", 120))
    for bad in BAD_FILES:
        sound = bad_sounds[bad.name]
        pitch = tester_pb2.TrackPitchRequest(audio_file=sound)
        track, refusal = await outcome(stub.TrackPitch(pitch, metadata=metadata, timeout=60))
        assert (track is None) is (bad.fate is Fate.REFUSED), bad.name
        assert refusal.startswith("audio_file: ") or track is not None, bad.name
        score = tester_pb2.ScoreTakeRequest(audio_file=sound, reference_audio_file=good_sound)
        verdict, _ = await outcome(stub.ScoreTake(score, metadata=metadata, timeout=60))
        if verdict is not None:
            assert_worth({"pitch": verdict.pitch, "rhythm": verdict.rhythm}, bad.fate)
        against = tester_pb2.AlignRequest(audio_file=good_sound, reference_audio_file=sound)
        alignment, refusal = await outcome(stub.Align(against, metadata=metadata, timeout=60))
        assert (alignment is not None) is (bad.fate is Fate.SUNG), bad.name
        assert alignment is None or math.isfinite(alignment.cost_semitones), bad.name


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tune, and then nothing for the rest of an hour: silence skips the network, not the memory."""
    path = tmp_path_factory.mktemp("hour") / "hour.flac"
    tune, minute = song(), np.zeros(60 * RATE_HZ, np.float32)
    with soundfile.SoundFile(path, "w", RATE_HZ, 1) as file:
        file.write(np.concatenate([tune, minute[len(tune) :]]))
        for _ in range(HOUR_S // 60 - 1):
            file.write(minute)
    return path


# A child's ru_maxrss begins with what its parent held when it was born: the high water mark of its own memory does not.
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux' /proc")
COMMAND_AND_PEAK = """
import re, sys
from pathlib import Path
from deploy.cli import main
report = Path(sys.argv.pop(1))
try:
    main()
finally:
    status = Path("/proc/self/status").read_text()
    report.write_text(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
"""


def peak_mb(out: Path, *arguments: str | Path) -> float:
    """Runs `voicejury ...` with its output in a file; the most memory that it held."""
    report = out.with_suffix(".kb")
    command = [sys.executable, "-c", COMMAND_AND_PEAK, str(report), *map(str, arguments)]
    with out.open("wb") as file:
        subprocess.run(command, cwd=ROOT, stdout=file, check=True)
    return int(report.read_text()) / 1024


@needs_proc
def test_the_pitch_of_an_hour_fits_in_memory(hour: Path, tmp_path: Path) -> None:
    assert peak_mb(tmp_path / "out.csv", "pitch", hour) <= HOUR_MB
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert len(rows) == 1 + 100 * HOUR_S
    assert rows[-1] == f"{HOUR_S - 0.01:.2f},0.0,0.0"


@needs_proc
def test_an_hour_is_judged_against_its_song_within_memory(hour: Path, good: Path, tmp_path: Path) -> None:
    assert (
        peak_mb(tmp_path / "out.json", "judge", "--take", hour, "--reference", good, "--model", "tiny", "--json")
        <= HOUR_MB
    )
    verdict = json.loads((tmp_path / "out.json").read_text(), parse_constant=no_constant)
    assert_worth(verdict, Fate.SUNG)
    assert verdict["duration_s"] == HOUR_S


def test_an_hour_is_no_reference_and_no_live_take(hour: Path, good: Path) -> None:
    named = BadFile("hour.flac", lambda _path: None, Fate.REFUSED)
    assert_refused(command("judge", "--take", good, "--reference", hour), named, "30 minutes at most")
    assert_refused(command("pitch", hour, "--live"), named, "30 minutes at most")
