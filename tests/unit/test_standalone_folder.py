"""The data folder, its log files, its ports."""

import json
import os
import socket
from pathlib import Path

import pytest

from deploy.secret import SecretError, ensure_secret, read_secret
from deploy.standalone import folder as folder_module
from deploy.standalone.errors import BadSettingError, FolderBusyError, PortTakenError
from deploy.standalone.folder import DataFolder
from deploy.standalone.logs import BoundedLog
from deploy.standalone.ports import LOOPBACK, free_port, page_port
from deploy.standalone.services import Settings, choose_addresses, services


@pytest.fixture(autouse=True)
def no_secret_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICEJURY_SECRET", raising=False)


def test_a_second_supervisor_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.open()
    with pytest.raises(FolderBusyError, match="another voicejury serve"):
        second.open()
    first.close()
    third = DataFolder(tmp_path)
    third.open()
    third.close()


def test_a_refused_supervisor_leaves_the_run_json_of_the_first(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.open()
    first.write_run_json({"url": "http://127.0.0.1:1", "pids": {}})
    with pytest.raises(FolderBusyError):
        second.open()
    second.close()
    assert json.loads(first.run_json.read_text())["url"] == "http://127.0.0.1:1"
    first.close()
    assert not first.run_json.exists()


def test_a_data_folder_that_is_a_file_is_refused_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettingError, match="--data-dir"):
        DataFolder(tmp_path / "file").open()


@pytest.mark.parametrize("was_there", [False, True])
def test_only_its_owner_enters_the_data_folder(tmp_path: Path, was_there: bool) -> None:
    path = tmp_path / "data"
    if was_there:
        path.mkdir(mode=0o755)
    folder = DataFolder(path)
    folder.open()
    assert path.stat().st_mode & 0o777 == 0o700
    folder.close()


def test_a_stale_run_json_of_a_killed_supervisor_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"pids": {"live": os.getpid(), "analysis": "no number"}}))
    folder = DataFolder(tmp_path)
    folder.open()
    assert not folder.run_json.exists()
    folder.close()


def test_the_demo_song_is_copied_from_what_set_up_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "song.json").write_text("{}")
    monkeypatch.setattr(folder_module, "DEMO_CACHE", cache)
    folder = DataFolder(tmp_path / "data")
    folder.open()
    folder.ensure_demo()
    assert (tmp_path / "data/songs/demo/song.json").read_text() == "{}"
    assert [path.name for path in (tmp_path / "data/songs").iterdir()] == ["demo"]
    folder.close()


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    secret = ensure_secret(tmp_path)
    assert len(secret) >= 32
    assert ensure_secret(tmp_path) == read_secret(tmp_path) == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_short_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEJURY_SECRET", "short")
    with pytest.raises(SecretError, match="fewer than 32 bytes"):
        ensure_secret(tmp_path)


def test_a_taken_port_is_refused_with_its_remedy() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen(1)
        with pytest.raises(PortTakenError, match="choose another with --port"):
            page_port(LOOPBACK, other.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadSettingError, match="choose an address of this machine"):
        page_port("192.0.2.77", free_port())


def test_a_log_never_grows_beyond_two_files_of_its_bound(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "live.log", lambda _line: None, max_bytes=1000)
    for number in range(500):
        log.write(f"line {number}\n".encode())
    log.close()
    assert (tmp_path / "live.log").stat().st_size <= 1000
    assert (tmp_path / "live.log.1").stat().st_size <= 1000
    assert log.tail().endswith("line 499")


def test_the_console_shows_warnings_as_short_lines_and_nothing_else(tmp_path: Path) -> None:
    shown: list[str] = []
    log = BoundedLog(tmp_path / "live.log", shown.append)
    log.write(b"2026 live INFO x: fine\n")
    log.write(b"2026 live WARNING x: " + b"a" * 1000 + b"\n")
    log.close()
    assert len(shown) == 1
    assert len(shown[0]) <= 160


def test_only_the_page_listens_beyond_loopback_and_the_secret_is_in_no_text(tmp_path: Path) -> None:
    settings = Settings(tmp_path, "192.0.2.10", 8000, "s" * 40, media_address="192.0.2.10")
    plan = services(settings, choose_addresses())
    listening = [service.environment["VOICEJURY_LISTEN"] for service in plan if service.name != "signaling"]
    assert len(set(listening)) == 4
    assert all(address.startswith("127.0.0.1:") for address in listening)
    assert "s" * 40 not in repr(plan) + repr(settings)
