"""A house in a folder whose name has blanks, accents and signs that a URL writes in another way."""

from pathlib import Path

import pytest

import inference.service.config
import media_server.config
import signaling.config
from inference.audio.working import WorkingFiles
from inference.jobs.takes import TakeStore
from tests.contract.signaling_stage import SECRET

NAMES = ["un été #2", "50 % d'air", "rené"]


@pytest.fixture(params=NAMES)
def data_dir(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir()
    monkeypatch.setenv("VOICEJURY_SECRET", SECRET)
    monkeypatch.setenv("VOICEJURY_DATA_DIR", str(folder))
    for service in ("MEDIA", "LIVE", "ANALYSIS", "REFERENCE"):
        monkeypatch.setenv(f"VOICEJURY_{service}_URL", "127.0.0.1:1")
    monkeypatch.setenv("VOICEJURY_LISTEN", "127.0.0.1:0")
    monkeypatch.setenv("VOICEJURY_MEDIA_ADDRESSES", "127.0.0.1")
    return folder


@pytest.mark.parametrize("is_set", [True, False], ids=["by VOICEJURY_AUDIO_URL", "by the data folder"])
def test_every_service_finds_the_takes_in_the_same_folder(
    data_dir: Path, is_set: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_set:
        monkeypatch.setenv("VOICEJURY_AUDIO_URL", (data_dir / "takes").as_uri())
    takes = media_server.config.Settings().takes_dir
    assert takes == signaling.config.Settings().takes_dir == data_dir / "takes"
    spool = takes / "a-session" / "take.spool"
    spool.parent.mkdir(parents=True)
    spool.write_bytes(b"")
    store = TakeStore(inference.service.config.Settings().takes_url)
    store.working("a-session").write("pitch", {}, b"found")
    assert (spool.parent / "work" / "pitch").is_file()


def test_songs_and_stems_are_found_there_too(data_dir: Path) -> None:
    settings = inference.service.config.Settings()
    for url, folder in (
        (settings.songs, "songs"),
        (settings.stems, "stems"),
        (signaling.config.Settings().stems, "stems"),
    ):
        WorkingFiles(f"{url}/x").write("probe", {}, b"")
        assert (data_dir / folder / "x" / "work" / "probe").is_file()
