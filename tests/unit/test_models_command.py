"""`voicejury models` against a hub on loopback: resumed, checked, whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import deploy.commands.models
from deploy import models_hub
from deploy.cli import main
from deploy.models_registry import COMMIT as COMMIT_FORM
from deploy.models_registry import registry
from tests.support.loopback_hub import COMMIT, LoopbackHub, loopback_hub
from tests.support.small_disk import small_disk as mounted_disk

NAME = "htdemucs"
WEIGHTS = "955717e8.safetensors"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_hub, "FIRST_PAUSE_S", 0.01)


def demucs_hub(**how: object) -> LoopbackHub:
    weights = np.random.default_rng(0).bytes(300_000)
    files = {"htdemucs.yaml": b"models: ['955717e8']\n", WEIGHTS: weights, "README.md": b"# not wanted"}
    return LoopbackHub(registry()[NAME].repo, files, large=frozenset({WEIGHTS}), **how)  # type: ignore[arg-type]


def run(tmp_path: Path, *arguments: str, hub: LoopbackHub | None = None, timeout: float = 60.0) -> Result:
    more = ("--hub", hub.url, "--timeout", str(timeout)) if hub else ()
    return CliRunner().invoke(main, ["models", *arguments, "--data-dir", str(tmp_path), *more])


def test_a_fetched_model_is_whole_listed_and_not_fetched_again(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub()) as hub:
        assert "not installed" in run(tmp_path, "list").output.split("whisper")[0]
        result = run(tmp_path, "fetch", NAME, hub=hub)
        assert result.exit_code == 0, result.output
        assert "the hub says: mit" in result.output
        folder = tmp_path / "models" / NAME
        assert sorted(path.name for path in folder.iterdir()) == [
            WEIGHTS,
            "htdemucs.yaml",
            "voicejury-model.json",
        ]
        assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
        row = json.loads(run(tmp_path, "list", "--json").output)[0]
        assert (row["is_installed"], row["commit"]) == (True, COMMIT)
        asked = len(hub.asked)
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        assert all("/resolve/" not in path for path, _ in hub.asked[asked:])
    (folder / WEIGHTS).unlink()
    assert not json.loads(run(tmp_path, "list", "--json").output)[0]["is_installed"]


def test_a_connection_that_breaks_again_and_again_is_gone_on_with(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub(cut_after=70_000)) as hub:
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        ranges = [wanted for path, wanted in hub.asked if path.endswith(WEIGHTS)]
        assert ranges == ["", "bytes=70000-", "bytes=140000-", "bytes=210000-", "bytes=280000-"]
        assert (tmp_path / "models" / NAME / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_fetch_that_was_given_up_goes_on_the_next_day(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub(cut_after=100_000, ignores_range=True)) as hub:
        result = run(tmp_path, "fetch", NAME, hub=hub)
        assert result.exit_code == 2
        assert "it ended early" in result.output
        assert not (tmp_path / "models" / NAME).exists()
        hub.cut_after, hub.ignores_range = 0, False
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        assert hub.asked[-1][1] == "bytes=100000-"
        assert (tmp_path / "models" / NAME / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"wrong": True}, "wrong checksum"),
        ({"status": 404}, "the hub answers 404"),
        ({"status": 503}, "the hub answers 503"),
        ({"redirect_to": "http://192.0.2.1/elsewhere"}, "not safe"),
    ],
)
def test_a_bad_hub_is_told_in_one_line_and_nothing_is_installed(
    tmp_path: Path, how: dict[str, object], told: str
) -> None:
    with loopback_hub(demucs_hub(**how)) as hub:
        assert_told_and_nothing_installed(run(tmp_path, "fetch", NAME, hub=hub), told, tmp_path)


def test_a_hub_that_says_nothing_is_told_in_one_line_and_nothing_is_installed(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub(silent_s=0.8)) as hub:
        result = run(tmp_path, "fetch", NAME, hub=hub, timeout=0.3)
    assert_told_and_nothing_installed(result, "the hub stays silent", tmp_path)


def assert_told_and_nothing_installed(result: Result, told: str, data_dir: Path) -> None:
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output
    assert not (data_dir / "models" / NAME).exists()


def test_a_file_without_a_checksum_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        LoopbackHub,
        "tree",
        lambda hub, _: [{"path": path, "size": len(content)} for path, content in hub.files.items()],
    )
    with loopback_hub(demucs_hub()) as hub:
        result = run(tmp_path, "fetch", NAME, hub=hub)
    assert result.exit_code == 2
    assert "gives no checksum" in result.output


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted_disk(tmp_path / "disk", "1m") as disk:
        yield disk


def test_a_model_that_the_disk_cannot_hold_is_not_begun(small_disk: Path) -> None:
    with loopback_hub(demucs_hub()) as hub:
        result = run(small_disk, "fetch", NAME, hub=hub)
        assert all("/resolve/" not in path for path, _ in hub.asked)
    assert result.exit_code == 2
    assert "the disk is full" in result.output


def test_a_hub_by_plain_http_elsewhere_and_an_unknown_model_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["models", "fetch", NAME, "--data-dir", str(tmp_path), "--hub", "http://192.0.2.1"]
    )
    assert (result.exit_code, "must be an https address" in result.output) == (2, True)
    result = run(tmp_path, "fetch", "no-such-model")
    assert (result.exit_code, "there is no model no-such-model: htdemucs" in result.output) == (2, True)


NEXT = "f" * 40
OTHER = b"models: ['955717e8', '00000000']\n"


def lock_file(tmp_path: Path) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((tmp_path / "models" / "models.lock.json").read_text(encoding="utf-8"))
    return entries


def forget(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / NAME
    shutil.rmtree(folder)
    return folder


def test_the_first_fetch_locks_the_version_and_what_came(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub()) as hub:
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
    checksums = {name: hashlib.sha256(hub.files[name]).hexdigest() for name in ("htdemucs.yaml", WEIGHTS)}
    assert lock_file(tmp_path) == {NAME: {"repo": hub.repo, "commit": COMMIT, "sha256": checksums}}


def test_a_hub_that_moved_on_gives_the_locked_version_until_an_update_is_asked_for(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub()) as hub:
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        before = (tmp_path / "models" / NAME / "htdemucs.yaml").read_bytes()
        hub.change(NEXT, **{"htdemucs.yaml": OTHER})
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        folder = forget(tmp_path)
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        assert (folder / "htdemucs.yaml").read_bytes() == before
        assert run(tmp_path, "fetch", NAME, "--update", hub=hub).exit_code == 0
        assert (folder / "htdemucs.yaml").read_bytes() == OTHER
        assert lock_file(tmp_path)[NAME]["commit"] == NEXT
        hub.older.clear()
        hub.commit = COMMIT
        gone = run(tmp_path, "fetch", NAME, hub=hub)
    assert (gone.exit_code, "the hub answers 404" in gone.output) == (2, True)


@pytest.mark.parametrize("name", ["htdemucs.yaml", WEIGHTS])
def test_other_files_under_the_same_version_are_refused(tmp_path: Path, name: str) -> None:
    with loopback_hub(demucs_hub()) as hub:
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        before = lock_file(tmp_path)
        folder = forget(tmp_path)
        hub.files[name] = hub.files[name][:-1] + b"\0"
        refused = run(tmp_path, "fetch", NAME, hub=hub)
        assert (refused.exit_code, f"{name}: this is not what came before" in refused.output) == (2, True)
        assert (folder.exists(), lock_file(tmp_path)) == (False, before)
        assert run(tmp_path, "fetch", NAME, "--update", hub=hub).exit_code == 0
    assert (folder / name).read_bytes() == hub.files[name]


def test_a_model_from_before_the_lock_is_locked_as_it_is(tmp_path: Path) -> None:
    with loopback_hub(demucs_hub()) as hub:
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
        whole = lock_file(tmp_path)
        (tmp_path / "models" / "models.lock.json").unlink()
        hub.change(NEXT, **{"htdemucs.yaml": OTHER})
        assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
    assert lock_file(tmp_path) == whole


@pytest.mark.parametrize("content", ["{", "[]", '{"htdemucs": 1}', '{"htdemucs": {"repo": "x"}}'])
def test_a_damaged_lock_is_told_and_not_taken_for_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "models.lock.json").write_text(content)
    with loopback_hub(demucs_hub()) as hub:
        result = run(tmp_path, "fetch", NAME, hub=hub)
    assert (result.exit_code, "models.lock.json cannot be read" in result.output) == (2, True)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("pins", "told"),
    [
        ({"revision": NEXT}, "the hub answers 404"),
        ({"sha256": {WEIGHTS: "0" * 64}}, "not the file that the registry names"),
        ({"sha256": {"htdemucs.yaml": "0" * 64}}, "not the file that the registry names"),
    ],
)
def test_what_the_registry_names_is_what_must_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pins: dict[str, Any], told: str
) -> None:
    models = {name: replace(model, **pins) for name, model in registry().items()}
    monkeypatch.setattr(deploy.commands.models, "registry", lambda: models)
    with loopback_hub(demucs_hub()) as hub:
        result = run(tmp_path, "fetch", NAME, hub=hub)
        assert (result.exit_code, told in result.output) == (2, True)
        assert not (tmp_path / "models" / NAME).exists()
        if "revision" in pins:
            hub.change(NEXT)
            hub.change("e" * 40, **{"htdemucs.yaml": OTHER})
            assert run(tmp_path, "fetch", NAME, hub=hub).exit_code == 0
            assert lock_file(tmp_path)[NAME]["commit"] == NEXT
            models[NAME] = replace(models[NAME], revision="e" * 40)
            newer = run(tmp_path, "fetch", NAME, hub=hub)
            assert (newer.exit_code, "--update takes it" in newer.output) == (2, True)
            assert run(tmp_path, "fetch", NAME, "--update", hub=hub).exit_code == 0


def test_the_registry_names_versions_and_checksums_that_can_be_ones() -> None:
    for model in registry().values():
        assert model.revision == "main" or COMMIT_FORM.fullmatch(model.revision)
        assert all(len(digest) == 64 and model.wants(path) for path, digest in model.sha256.items())
