"""Uploads and sources over HTTP: what is taken, and what is refused and leaves nothing behind."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from signaling.services import SERVICES, Services
from signaling.sources.model import Fetched
from signaling.store.sources import SourceTable
from tests.contract.signaling_stage import Stage, problem, signaling_stage
from tests.support.small_disk import small_disk
from tests.support.sounds import write_sound

LRC = "[00:00.50]Hello\n[00:01.50]again\n"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    limits = {"max_source_s": 20.0, "max_upload_bytes": 2 * 1024**2, "youtube": False}
    async with signaling_stage(tmp_path, "", "", **limits) as running:
        yield running


def form(files: dict[str, Path], **texts: str) -> FormData:
    data = FormData(default_to_multipart=True)
    for name, path in files.items():
        data.add_field(name, io.BytesIO(path.read_bytes()), filename=path.name)
    for name, text in texts.items():
        data.add_field(name, text)
    return data


def left_behind(stage: Stage) -> list[str]:
    folder = stage.settings.data_dir / "uploads"
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


async def post(stage: Stage, data: Any, **more: Any) -> Any:
    return await stage.api.post("/api/uploads", data=data, **more)


def services(stage: Stage) -> Services:
    app = stage.api.app
    assert app is not None
    found: Services = app[SERVICES]
    return found


async def fetched(stage: Stage, source_id: str, folder: Path) -> Fetched:
    """What preparing a song would get."""
    await asyncio.to_thread(folder.mkdir)
    return await services(stage).sources.fetch(source_id, folder, lambda *_: None)


async def test_an_uploaded_recording_becomes_a_source_with_its_words(stage: Stage, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "My_Own song.ogg")
    reply = await post(stage, form({"audio": sound}, artist="The  Singer", language="French", lyrics=LRC))
    assert reply.status == 201, await reply.text()
    body = await reply.json()
    assert body == {**body, "title": "My Own song", "artist": "The Singer", "kind": "upload", "note": ""}
    assert body["duration_s"] == pytest.approx(3.0, abs=0.1)
    got = await fetched(stage, body["source_id"], tmp_path / "out")
    assert got.original is not None
    assert got.original.read_bytes() == sound.read_bytes()
    assert (got.language, got.lyrics) == ("fr", LRC.strip())
    assert left_behind(stage) == [got.original.name]


async def test_tags_name_a_song_that_its_user_did_not(stage: Stage, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "x.mp3", codec="mp3", muxer="mp3", tags={"title": "Tagged", "artist": "Somebody"})
    body = await (await post(stage, form({"audio": sound}))).json()
    assert (body["title"], body["artist"]) == ("Tagged", "Somebody")


async def test_the_same_recording_twice_is_one_source(stage: Stage, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "x.ogg")
    replies = await asyncio.gather(*(post(stage, form({"audio": sound}, title=f"Take {n}")) for n in range(2)))
    assert [reply.status for reply in replies] == [201, 201]
    assert len({(await reply.json())["source_id"] for reply in replies}) == 1
    assert len(left_behind(stage)) == 1


async def test_an_upload_that_is_not_kept_takes_no_older_one_with_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionError("the store is away")

    first, second = write_sound(tmp_path / "x.ogg"), write_sound(tmp_path / "y.ogg", 3.5)
    body = await (await post(stage, form({"audio": first}))).json()
    kept = left_behind(stage)
    with monkeypatch.context() as broken:
        broken.setattr(SourceTable, "keep", away)
        assert (await post(stage, form({"audio": first}))).status == 500
        assert (await post(stage, form({"audio": second}))).status == 500
    assert left_behind(stage) == kept
    assert (await fetched(stage, body["source_id"], tmp_path / "out")).original is not None


async def test_a_video_called_mp3_keeps_its_sound_and_says_so(stage: Stage, tmp_path: Path) -> None:
    video = write_sound(tmp_path / "video.mp3", codec="aac", muxer="mp4", picture=True)
    body = await (await post(stage, form({"audio": video}))).json()
    assert "picture" in body["note"]
    (kept,) = left_behind(stage)
    assert kept.endswith(".m4a")


async def test_a_karaoke_pair_of_one_length_is_taken_and_of_two_lengths_refused(stage: Stage, tmp_path: Path) -> None:
    backing, voice = write_sound(tmp_path / "a.ogg", 3.0), write_sound(tmp_path / "b.ogg", 3.2, amplitude=0.2)
    longer = write_sound(tmp_path / "c.ogg", 4.0, amplitude=0.1)
    refused = await post(stage, form({"instrumental": backing, "vocals": longer}))
    assert await problem(refused) == (400, "bad-request")
    assert "3.0 s and 4.0 s" in (await refused.json())["detail"]
    assert left_behind(stage) == []
    reply = await post(stage, form({"instrumental": backing, "vocals": voice}, title="Pair"))
    assert reply.status == 201
    got = await fetched(stage, (await reply.json())["source_id"], tmp_path / "out")
    assert got.original is None
    assert got.instrumental is not None
    assert got.vocals is not None
    assert got.vocals.read_bytes() == voice.read_bytes()


async def test_one_file_twice_is_no_pair(stage: Stage, tmp_path: Path) -> None:
    one = write_sound(tmp_path / "a.ogg", 3.0)
    assert await problem(await post(stage, form({"instrumental": one, "vocals": one}))) == (400, "same-file")
    assert left_behind(stage) == []


async def test_the_house_tells_the_limits_that_it_keeps(stage: Stage, tmp_path: Path) -> None:
    limits = (await (await stage.api.get("/api/abilities")).json())["upload_limits"]
    assert limits == {"bytes": 2 * 1024**2, "duration_s": 20.0}
    data = FormData()
    data.add_field("audio", io.BytesIO(b"x" * (limits["bytes"] + 1)), filename="a.ogg")
    assert await problem(await post(stage, data)) == (413, "too-large")
    long = write_sound(tmp_path / "a.ogg", limits["duration_s"] + 1)
    assert (await problem(await post(stage, form({"audio": long}))))[1] == "too-long"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "bad-request"),
        ({"instrumental": "x"}, "bad-request"),
        ({"audio": "x", "vocals": "x"}, "bad-request"),
        ({"audio": "x", "surprise": "x"}, "bad-request"),
    ],
)
async def test_forms_of_other_parts_are_refused(stage: Stage, tmp_path: Path, parts: dict[str, str], code: str) -> None:
    sound = write_sound(tmp_path / "x.ogg", 1.5)
    data = form({name: sound for name in parts}) if parts else form({}, title="Nothing")
    assert await problem(await post(stage, data)) == (400, code)
    assert left_behind(stage) == []


async def test_what_is_no_form_or_breaks_off_is_refused(stage: Stage) -> None:
    assert await problem(await stage.api.post("/api/uploads", json={})) == (415, "bad-request")
    headers = {"Content-Type": "multipart/form-data; boundary=line"}
    torn = b'--line\r\nContent-Disposition: form-data; name="audio"; filename="a.ogg"\r\n\r\nabc'
    for body in (torn, b"nothing of the kind", b""):
        reply = await post(stage, body, headers=headers)
        assert reply.status in (400, 422), body
        await problem(reply)
    assert left_behind(stage) == []


async def test_words_that_are_no_lyrics_are_refused_with_their_line(stage: Stage, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "x.ogg", 1.5)
    reply = await post(stage, form({"audio": sound}, lyrics="one\n" * 3000))
    assert await problem(reply) == (400, "bad-request")
    assert "line" in (await reply.json())["detail"]
    assert left_behind(stage) == []


async def test_a_file_over_the_limit_is_refused_by_its_announced_and_by_its_real_size(stage: Stage) -> None:
    large = b"x" * (3 * 1024**2)
    data = FormData()
    data.add_field("audio", io.BytesIO(large), filename="a.ogg")
    assert await problem(await post(stage, data)) == (413, "too-large")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'--line\r\nContent-Disposition: form-data; name="audio"; filename="a.ogg"\r\n\r\n'
        for _ in range(48):
            yield b"x" * 65536
        yield b"\r\n--line--\r\n"

    reply = await post(stage, chunks(), headers={"Content-Type": "multipart/form-data; boundary=line"})
    assert await problem(reply) == (413, "too-large")
    assert left_behind(stage) == []


@pytest.mark.parametrize(
    ("seconds", "amplitude", "code"), [(25.0, 0.3, "too-long"), (3.0, 0.0, "silent"), (0.2, 0.3, "not-audio")]
)
async def test_what_cannot_be_sung_is_refused(
    stage: Stage, tmp_path: Path, seconds: float, amplitude: float, code: str
) -> None:
    sound = write_sound(tmp_path / "x.flac", seconds, codec="flac", muxer="flac", amplitude=amplitude)
    assert await problem(await post(stage, form({"audio": sound}))) == (422, code)
    assert left_behind(stage) == []


async def test_a_text_file_is_no_recording(stage: Stage, tmp_path: Path) -> None:
    text = tmp_path / "song.mp3"
    text.write_text("these are words\n" * 1000)
    assert await problem(await post(stage, form({"audio": text}))) == (422, "not-audio")
    assert left_behind(stage) == []


async def test_a_users_name_for_a_file_is_never_a_path(stage: Stage, tmp_path: Path) -> None:
    data = FormData()
    sound = write_sound(tmp_path / "x.ogg", 1.5)
    data.add_field("audio", io.BytesIO(sound.read_bytes()), filename="../../etc/passwd.ogg")
    body = await (await post(stage, data)).json()
    assert body["title"] == "passwd"
    (kept,) = left_behind(stage)
    assert kept == f"{body['source_id'].removeprefix('upload:')}.ogg"


async def test_an_address_that_uploads_without_end_is_told_to_rest(stage: Stage, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "x.ogg", 1.5)
    replies = [await post(stage, form({"audio": sound}, surprise="x")) for _ in range(11)]
    assert [reply.status for reply in replies[:10]] == [400] * 10
    assert await problem(replies[10]) == (429, "busy")


async def test_a_disk_that_is_nearly_full_takes_no_upload(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data" / "uploads"):
        async with signaling_stage(tmp_path, "", "", youtube=False) as stage:
            reply = await post(stage, form({"audio": write_sound(tmp_path / "x.ogg", 1.5)}))
            assert await problem(reply) == (507, "disk-full")
            assert left_behind(stage) == []


async def test_a_disk_that_fills_in_mid_upload_is_told_and_left_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "data" / "uploads"):
        async with signaling_stage(tmp_path, "", "", youtube=False) as stage:
            monkeypatch.setattr(services(stage).uploads, "_reserve_bytes", 0)
            data = FormData()
            data.add_field("audio", io.BytesIO(b"x" * 3 * 1024**2), filename="a.ogg")
            assert await problem(await post(stage, data)) == (507, "disk-full")
            assert left_behind(stage) == []


async def test_the_sources_of_a_track_are_told_best_first(stage: Stage, tmp_path: Path) -> None:
    good, other = write_sound(tmp_path / "a.ogg", 3.0), write_sound(tmp_path / "b.ogg", 3.1)
    first = await (await post(stage, form({"audio": good}, title="Air", artist="Nobody"))).json()
    await post(stage, form({"audio": other}, title="Air (acoustic)", artist="Nobody"))
    reply = await stage.api.get("/api/sources", params={"track_id": first["source_id"]})
    found = (await reply.json())["candidates"]
    assert found[0]["source_id"] == first["source_id"]
    assert found[0]["is_ready"] is False
    assert set(found[0]) == {
        *("source_id", "kind", "title", "artist", "duration_s", "match", "confidence", "is_ready", "cover_url"),
        "remarks",
    }
    assert [one["remarks"] for one in found] == [[], ["acoustic", "same-length"]]
    assert (found[0]["match"], found[1]["match"] > 0.3) == (None, True)  # the track itself, then what is like it


@pytest.mark.parametrize("track_id", ["", "youtube:../x", "file:etc", "youtube:" + "x" * 65, "song:nowhere"])
async def test_a_track_that_cannot_be_is_refused(stage: Stage, track_id: str) -> None:
    reply = await stage.api.get("/api/sources", params={"track_id": track_id})
    assert (await problem(reply))[0] in (400, 404)


async def test_old_uploads_go_and_sources_that_were_never_prepared_with_them(stage: Stage, tmp_path: Path) -> None:
    body = await (await post(stage, form({"audio": write_sound(tmp_path / "x.ogg", 1.5)}))).json()
    uploads = services(stage).uploads
    assert await uploads.prune(3600.0) == 0
    assert await uploads.prune(-1.0) == 1
    assert left_behind(stage) == []
    assert await services(stage).sources.find(body["source_id"]) is None
