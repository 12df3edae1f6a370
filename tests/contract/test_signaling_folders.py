"""Folders of the machine behind the running service: a library is searched, a watched folder fills the catalogue."""

import asyncio
from pathlib import Path

from tests.contract.signaling_stage import Stage, signaling_stage, until, write_song
from tests.support.sounds import write_sound

ECHO = "#TITLE:Echo\n#ARTIST:Nobody\n#MP3:air.wav\n#BPM:300\n#GAP:0\n: 0 4 0 Hey\nE\n"


async def titles(stage: Stage, path: str, kind: str, **query: str) -> list[str]:
    async with stage.api.get(path, params=query) as reply:
        assert reply.status == 200, await reply.text()
        return [one["title"] for one in (await reply.json())[kind]]


async def test_a_song_of_the_music_library_is_found_by_title_and_by_its_track(tmp_path: Path) -> None:
    music = tmp_path / "music" / "Björk" / "Homogenic"
    await asyncio.to_thread(music.mkdir, parents=True)
    write_sound(music / "02 Jóga.flac", 2.0, codec="flac", muxer="flac")
    folders = {"music_dir": tmp_path / "music", "youtube": False}
    async with signaling_stage(tmp_path, "", "", **folders) as stage:

        async def is_found() -> bool:
            return await titles(stage, "/api/search/tracks", "tracks", q="joga bjork") == ["Jóga"]

        await until(is_found)
        async with stage.api.get("/api/search/tracks", params={"q": "jóga"}) as reply:
            (track,) = (await reply.json())["tracks"]
        assert (track["artist"], track["source"], track["cover_url"]) == ("Björk", "folder", None)
        async with stage.api.get(f"/api/search/tracks/{track['id']}") as reply:
            assert (await reply.json())["title"] == "Jóga"
        async with stage.api.get("/api/sources", params={"track_id": track["id"]}) as reply:
            (candidate,) = (await reply.json())["candidates"]
        assert (candidate["source_id"], candidate["kind"]) == (track["id"], "folder")


async def test_a_song_put_into_the_watched_folder_is_in_the_catalogue(tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    write_song(watched / "echo", text=ECHO)
    async with signaling_stage(tmp_path, "", "", watched_dir=watched, youtube=False) as stage:

        async def is_there() -> bool:
            return "Echo" in await titles(stage, "/api/songs", "songs")

        await until(is_there)
