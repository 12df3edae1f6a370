"""Whose names a song gets that is begun by its track: those of the search, not those of whoever begins it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signaling.services import SERVICES, Services
from signaling.sources.model import Kind, Source
from tests.contract.signaling_stage import Stage, signaling_stage
from tests.support.song_services import Recording, SongServices, song_services

VIDEO = "youtube:abcdefghijk"
OWN_IDEA = {"title": "My own idea", "artist": "Me"}


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        running.recordings.append(Recording("vent", "Le vent", "Personne", duration_s=200.0))
        yield running


def services_of(stage: Stage) -> Services:
    assert stage.api.app is not None
    services: Services = stage.api.app[SERVICES]
    return services


async def give(stage: Stage, mark: str, title: str, artist: str, **more: Any) -> str:
    source = Source(f"upload:{mark * 64}", Kind.UPLOAD, title, artist, 200.0, datetime.now(UTC), **more)
    return (await services_of(stage).sources.add(source)).id


async def begin(stage: Stage, track_id: str) -> None:
    async with stage.api.post("/api/session/start", json={"track": {"id": track_id, **OWN_IDEA}}) as reply:
        assert reply.status == 201, await reply.text()


async def test_a_video_that_no_search_has_found_is_named_by_its_page_alone(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", youtube=True) as stage:
        await begin(stage, VIDEO)
        source = await services_of(stage).sources.find(VIDEO)
        assert source is not None
        assert (source.title, source.artist) == ("", "")
        assert "own idea" not in str(source.details)


async def test_a_known_track_names_its_song_whatever_is_said_of_it(tmp_path: Path, outside: SongServices) -> None:
    async with signaling_stage(tmp_path, "", "", **{**outside.settings, "youtube": False}) as stage:
        source_id = await give(stage, "a", "Vent", "Anon", track_id="spotify:vent", match=0.9, details=FILES)
        await begin(stage, "spotify:vent")
        source = await services_of(stage).sources.find(source_id)
        assert source is not None
        assert (source.details["track_title"], source.details["track_artist"]) == ("Le vent", "Personne")


async def test_what_is_said_of_an_unknown_track_finds_it_and_is_not_kept(tmp_path: Path, outside: SongServices) -> None:
    async with signaling_stage(tmp_path, "", "", **{**outside.settings, "youtube": False}) as stage:
        source_id = await give(stage, "b", "My own idea", "Me", details=FILES)
        await begin(stage, "spotify:nobody")
        source = await services_of(stage).sources.find(source_id)
        assert source is not None
        assert "track_title" not in source.details
        assert source.track_id is not None
        assert await services_of(stage).sources.table.of_track("spotify:nobody") == []


FILES = {"files": {"original": "x.flac"}}
