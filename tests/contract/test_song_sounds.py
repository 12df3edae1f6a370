"""What is made of a song's sounds: a light encoding for the phone, and both parts as one for the studio."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from voicejury.v1 import song_pb2

from signaling.songs.catalogue import Catalogue
from tests.contract.signaling_stage import Stage, problem, signaling_stage

RATE_HZ = 44_100
SONG_S = 6.0
CLICKS_S = (0.0, 1.5, 4.25)
SONG = "clics"
Sound = NDArray[np.float32]


def clicks(level: float) -> Sound:
    """Noise bursts of 20 ms, one channel louder; shape (samples, 2)."""
    sound = np.zeros((round(SONG_S * RATE_HZ), 2), np.float32)
    burst = level * np.random.default_rng(1).uniform(-1, 1, (round(0.02 * RATE_HZ), 2))
    for click_s in CLICKS_S:
        first = round(click_s * RATE_HZ)
        sound[first : first + len(burst)] = burst * (1.0, 0.5)
    return sound


def steady(level: float) -> Sound:
    times_s = np.arange(round(SONG_S * RATE_HZ)) / RATE_HZ
    tone = level * np.sin(2 * np.pi * 330 * times_s)
    return np.stack([tone, tone], axis=1).astype(np.float32)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    files = {"audio.flac": clicks(0.8), "vocals.flac": steady(0.7)}
    for name, sound in files.items():
        soundfile.write(tmp_path / name, sound, RATE_HZ, subtype="PCM_16")
    song = song_pb2.Song(id=SONG, title="Clics", artist="Personne", duration_s=SONG_S, voices=[song_pb2.Voice()])
    song.audio_key, song.vocals_key, song.guide_key = "audio.flac", "vocals.flac", "vocals.flac"
    async with signaling_stage(tmp_path, "", "") as running:
        Catalogue(running.settings.data_dir).add(song, {name: tmp_path / name for name in files})
        yield running


async def fetched(stage: Stage, url: str) -> bytes:
    async with stage.api.get(url) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.read()


def decoded(data: bytes) -> Sound:
    """At 48 kHz, as a browser decodes it; shape (channels, samples)."""
    with av.open(io.BytesIO(data), mode="r") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1).astype(np.float32)


async def test_the_light_backing_begins_with_the_song_and_ends_with_it(stage: Stage) -> None:
    song = await (await stage.api.get(f"/api/songs/{SONG}")).json()
    assert song["audio_light_url"] == f"/api/songs/{SONG}/audio/light"
    light = await fetched(stage, song["audio_light_url"])
    assert light[:4] == b"OggS"
    sound = decoded(light)
    assert sound.shape == (2, round(SONG_S * 48_000))
    for click_s in CLICKS_S:
        place = round(click_s * 48_000)
        around = np.abs(sound[0, max(0, place - 480) : place + 480])
        begins = int(np.argmax(around > 0.25)) - min(480, place)
        assert abs(begins) < 0.003 * 48_000, (click_s, begins)


async def test_a_light_sound_is_made_once_whoever_asks_and_goes_with_its_song(stage: Stage) -> None:
    url = f"/api/songs/{SONG}/guide/light"
    first, second = await asyncio.gather(fetched(stage, url), fetched(stage, url))
    assert first == second
    folder = stage.settings.data_dir / "songs" / SONG
    made = folder / "vocals-light.opus"
    made_ns = made.stat().st_mtime_ns
    async with stage.api.get(url, headers={"Range": "bytes=0-3"}) as reply:
        assert (reply.status, reply.headers["Content-Type"], await reply.read()) == (206, "audio/ogg", b"OggS")
    assert made.stat().st_mtime_ns == made_ns
    assert sorted(path.name for path in folder.parent.iterdir() if path.name.startswith(".")) == []
    Catalogue(stage.settings.data_dir).remove(SONG)
    assert await problem(await stage.api.get(url)) == (404, "unknown-song")


async def test_a_sound_that_is_light_or_damaged_has_no_light_one(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "audio.flac").write_bytes(b"fLaC and nothing more")
    (tmp_path / "voice.ogg").write_bytes(b"OggS")
    song = song_pb2.Song(id="abime", title="?", artist="?", duration_s=1.0, voices=[song_pb2.Voice()])
    song.audio_key, song.guide_key = "audio.flac", "voice.ogg"
    files = {name: tmp_path / name for name in ("audio.flac", "voice.ogg")}
    Catalogue(stage.settings.data_dir).add(song, files)
    told = await (await stage.api.get("/api/songs/abime")).json()
    assert (told["guide_light_url"], told["guide_url"]) == (None, "/api/songs/abime/guide")
    assert await problem(await stage.api.get("/api/songs/abime/guide/light")) == (404, "unknown-song")
    assert await problem(await stage.api.get("/api/songs/abime/audio/light")) == (503, "unavailable")
    left = {path.name for path in (stage.settings.data_dir / "songs" / "abime").iterdir()}
    assert left == {"song.json", "audio.flac", "voice.ogg"}


async def test_the_whole_recording_is_added_up_when_the_studio_asks(stage: Stage) -> None:
    session_id, token = await stage.start(song_id=SONG)
    folder = stage.settings.data_dir / "songs" / SONG
    async with stage.api.get(f"/api/audio/{session_id}/tracks", headers=token) as reply:
        listed = (await reply.json())["tracks"]
    assert {"vocals", "instrumentals", "original"} == {one["name"] for one in listed if one["owner"] == "ref"}
    assert not (folder / "original.flac").exists()
    async with stage.api.get(f"/api/audio/{session_id}/ref/original", headers=token) as reply:
        assert (reply.status, reply.headers["Content-Type"]) == (200, "audio/flac")
        whole, rate_hz = soundfile.read(io.BytesIO(await reply.read()), dtype="float32")
    truth = clicks(0.8) + steady(0.7)
    gain = 1.0 / float(np.abs(truth).max())  # it would clip
    assert (rate_hz, whole.shape) == (RATE_HZ, truth.shape)
    assert float(np.abs(whole - gain * truth).max()) < 4 / 32_768
    async with stage.api.get(f"/api/audio/{session_id}/ref/original", headers={**token, "Range": "bytes=0-3"}) as reply:
        assert (reply.status, await reply.read()) == (206, b"fLaC")
