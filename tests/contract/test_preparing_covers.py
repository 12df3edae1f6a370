"""A prepared song keeps the picture of its track, asked of allowed hosts only; without one it is sung all the same."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.preparing_house import begin, preparing_stage, services, until_state, upload_pair
from tests.contract.signaling_stage import Stage
from tests.support.song_services import JPEG, Recording, SongServices, song_services

RECORDING = Recording("0" * 22, "Un essai", "Personne")


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        running.recordings.append(RECORDING)
        yield running


@pytest.fixture
async def house(tmp_path: Path, outside: SongServices) -> AsyncIterator[Stage]:
    async with preparing_stage(tmp_path, **outside.settings) as stage:
        yield stage


async def prepared(house: Stage, **details: str) -> dict[str, Any]:
    """The summary of the song that is made of a pair with these details, as the list of songs tells it."""
    source_id = await upload_pair(house.api, lyrics="La la")
    sources = services(house).sources
    source = await sources.find(source_id)
    assert source is not None
    await sources.add(replace(source, details={**source.details, **details}))
    session_id, token, _ = await begin(house.api, {"source": {"source_id": source_id}})
    await until_state(house.api, session_id, token, "created")
    listed = (await (await house.api.get("/api/songs")).json())["songs"]
    return next(song for song in listed if song["title"] == "Un essai")


async def test_the_list_shows_the_cover_of_the_track(house: Stage, outside: SongServices) -> None:
    cover_url = f"{outside.url}/covers/{RECORDING.id}-300.jpg"
    song = await prepared(house, track_cover_url=cover_url, cover_url="https://elsewhere.example/other.jpg")
    assert song["cover_url"] == f"/api/songs/{song['id']}/cover"
    async with house.api.get(song["cover_url"]) as reply:
        assert (reply.status, reply.headers["Content-Type"], await reply.read()) == (200, "image/jpeg", JPEG)
    kept = house.settings.data_dir / "songs" / song["id"] / "cover.jpg"
    seen = next((house.settings.data_dir / "cache" / "covers").iterdir())
    assert kept.read_bytes() == JPEG
    assert not kept.samefile(seen)
    reference = await services(house).references.find(song["id"])
    assert reference is not None
    assert reference.size_bytes == sum(path.stat().st_size for path in kept.parent.iterdir())


@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "https://127.0.0.1", "https://i.scdn.co.example"])
async def test_a_cover_elsewhere_is_never_asked_for_and_the_song_is_sung_without(
    house: Stage, outside: SongServices, host: str
) -> None:
    song = await prepared(house, cover_url=f"{host}/cover.jpg")
    assert song["cover_url"] is None
    assert outside.asked("/cover") == []


async def test_a_cover_that_is_no_picture_is_left_out(house: Stage, outside: SongServices) -> None:
    outside.cover = b"<svg onload='alert(1)'/>"
    song = await prepared(house, cover_url=f"{outside.url}/covers/{RECORDING.id}-300.jpg")
    assert song["cover_url"] is None
