"""The sounds of a session for the studio: a sung take from a real spool, the song's files, and who may hear them."""

import io
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import soundfile
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2, song_pb2

from media_server.retention import sweep
from signaling.songs.catalogue import Catalogue
from signaling.songs.take_audio import FILE_NAME
from tests.contract.preparing_house import OFFLINE, begin, until_state, upload_pair
from tests.contract.signaling_stage import Stage, problem, signaling_stage

RATE_HZ = 16_000
LATENCY_S = 0.25
SONG_S = 6.0
STUDIO_SONG = "nobody-air"
Sound = np.ndarray[tuple[int], np.dtype[np.float32]]


def tone(seconds: float, f0_hz: float = 440.0, level: float = 0.1) -> Sound:
    return np.asarray(level * np.sin(2 * np.pi * f0_hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ), np.float32)


def write_spool(folder: Path, sound: Sound, anchors: list[tuple[float, float, bool]], gap: tuple[float, float]) -> None:
    """`anchors`: (take second, song second, playing); what lies in `gap`, in take seconds, was not received."""
    writer = SpoolWriter(folder / "take.spool")
    record = audio_pb2.TakeRecord
    writer.append(record(header=audio_pb2.TakeHeader(session_id=folder.name, song_id="x", sample_rate_hz=RATE_HZ)))
    for take_s, song_s, playing in anchors:
        sample = round(take_s * RATE_HZ)
        writer.append(record(anchor=audio_pb2.ClockAnchor(sample=sample, song_s=song_s, playing=playing)))
    pcm = (32767 * sound).astype("<i2")
    for first in range(0, len(pcm), 320):
        if gap[0] <= first / RATE_HZ < gap[1]:
            writer.append(record(gap=audio_pb2.Gap(first_sample=first, sample_count=320)))
            continue
        piece = pcm[first : first + 320].tobytes()
        writer.append(record(audio=audio_pb2.PcmChunk(first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=piece)))
    writer.append(record(end=audio_pb2.TakeEnd(sample_count=len(pcm))))
    writer.close()


def write_take(stage: Stage, session_id: str) -> Path:
    """A second before the song, then two seconds of it: a tone that begins 1.25 s into the song; then a pause."""
    folder = stage.settings.takes_dir / session_id
    sound = np.concatenate(
        [tone(1.0, 200.0), np.zeros(round(1.25 * RATE_HZ), np.float32), tone(0.75), tone(1.0, 300.0)]
    )
    anchors = [(1.0, 0.0, True), (2.0, 1.005, True), (3.0, 2.0, False)]
    write_spool(folder, sound, anchors, (2.6, 2.7))
    return folder


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Stage]:
    """A song with all its sounds, beside the stage's own, which has a backing alone."""
    files = {}
    for name in ("audio", "vocals", "original"):
        files[f"{name}.flac"] = tmp_path / f"{name}.flac"
        soundfile.write(files[f"{name}.flac"], tone(SONG_S), RATE_HZ)
    song = song_pb2.Song(id=STUDIO_SONG, title="Air", artist="Nobody", duration_s=SONG_S, voices=[song_pb2.Voice()])
    song.audio_key, song.vocals_key, song.original_key = "audio.flac", "vocals.flac", "original.flac"
    async with signaling_stage(tmp_path, "", "") as stage:
        Catalogue(stage.settings.data_dir).add(song, files)
        yield stage


async def sung(stage: Stage, **wanted: Any) -> tuple[str, dict[str, str]]:
    session_id, token = await stage.sing(**wanted)
    await stage.until_over(session_id, token)
    return session_id, token


async def tracks(stage: Stage, session_id: str, token: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is there by "owner/name", and the reasons for what is not."""
    async with stage.api.get(f"/api/audio/{session_id}/tracks", headers=token) as reply:
        assert reply.status == 200, await reply.text()
        body = await reply.json()
    there = {f"{track['owner']}/{track['name']}": track for track in body["tracks"]}
    return there, {f"{track['owner']}/{track['name']}": track["reason"] for track in body["missing"]}


async def heard(stage: Stage, url: str, token: dict[str, str]) -> Sound:
    async with stage.api.get(url, headers=token) as reply:
        assert reply.status == 200, await reply.text()
        assert reply.headers["Cache-Control"] == "private, no-store"
        sound, rate_hz = soundfile.read(io.BytesIO(await reply.read()), dtype="float32")
    assert rate_hz == RATE_HZ
    return np.asarray(sound, np.float32)


def level(sound: Sound, start_s: float, end_s: float) -> float:
    return float(np.sqrt(np.mean(sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] ** 2)))


async def test_a_sung_take_plays_in_step_with_its_song(stage: Stage) -> None:
    session_id, token = await sung(stage)
    folder = write_take(stage, session_id)
    there, missing = await tracks(stage, session_id, token)
    assert set(there) == {"user/vocals", "user/original", "ref/instrumentals"}
    assert missing == {"user/instrumentals": "not-separated", "ref/vocals": "no-track", "ref/original": "no-track"}
    take = there["user/original"]
    assert take["duration_s"] == pytest.approx(2.0, abs=0.02)
    assert take["media_type"] == "audio/flac"
    assert take["gain_db"] == pytest.approx(-18.0 - 20 * np.log10(0.1 / np.sqrt(2)), abs=0.5)
    sound = await heard(stage, take["url"], token)
    assert level(sound, 0.0, 1.2) < 1e-3  # what was sung before the song is not in it
    assert level(sound, 1.27, 1.58) == pytest.approx(0.0707, abs=0.003)
    assert level(sound, 1.61, 1.69) < 1e-3  # not received
    assert level(sound, 1.72, 1.98) == pytest.approx(0.0707, abs=0.003)
    assert np.array_equal(await heard(stage, there["user/vocals"]["url"], token), sound)
    assert (folder / FILE_NAME).stat().st_mode & 0o077 == 0


async def test_what_the_phone_sent_afterwards_is_heard_where_nothing_was_received(studio: Stage) -> None:
    session_id, token = await sung(studio)
    writer = SpoolWriter(write_take(studio, session_id) / "late.spool")
    late = (32767 * tone(0.4, 330.0, 0.2)).astype("<i2").tobytes()
    writer.append(audio_pb2.TakeRecord(late=audio_pb2.LateChunk(first_sample=round(2.5 * RATE_HZ), pcm_s16le=late)))
    writer.close()
    sound = await heard(studio, f"/api/audio/{session_id}/user/original", token)
    assert level(sound, 1.61, 1.69) == pytest.approx(0.1414, abs=0.003)  # the gap
    assert level(sound, 1.72, 1.98) == pytest.approx(0.0707, abs=0.003)  # what was received beside it


async def test_a_take_that_was_filled_or_judged_again_after_it_was_heard_is_made_anew(studio: Stage) -> None:
    studio.jury.refusals = [grpc.StatusCode.FAILED_PRECONDITION]
    session_id, token = await studio.sing()
    assert (await studio.until_over(session_id, token))[-1][1]["code"] == "judge-failed"
    folder = write_take(studio, session_id)
    url = f"/api/audio/{session_id}/user/original"
    assert level(await heard(studio, url, token), 1.61, 1.69) < 1e-3  # not received yet
    writer = SpoolWriter(folder / "late.spool")
    late = (32767 * tone(0.4, 330.0, 0.2)).astype("<i2").tobytes()
    writer.append(audio_pb2.TakeRecord(late=audio_pb2.LateChunk(first_sample=round(2.5 * RATE_HZ), pcm_s16le=late)))
    writer.close()
    assert level(await heard(studio, url, token), 1.61, 1.69) == pytest.approx(0.1414, abs=0.003)
    studio.jury.latency_s = LATENCY_S
    assert (await studio.api.post(f"/api/session/{session_id}/analyze", headers=token)).status == 202
    await studio.until_over(session_id, token)
    sound = await heard(studio, url, token)
    assert level(sound, 1.36, 1.44) == pytest.approx(0.1414, abs=0.003)
    assert level(sound, 1.02, 1.3) == pytest.approx(0.0707, abs=0.003)


async def test_the_latency_that_the_jury_found_is_taken_off(studio: Stage) -> None:
    studio.jury.latency_s = LATENCY_S
    session_id, token = await sung(studio)
    write_take(studio, session_id)
    sound = await heard(studio, f"/api/audio/{session_id}/user/original", token)
    assert level(sound, 0.0, 0.95) < 1e-3
    assert level(sound, 1.02, 1.3) == pytest.approx(0.0707, abs=0.003)


async def test_a_take_is_rendered_once_and_dies_with_its_spool(studio: Stage) -> None:
    session_id, token = await sung(studio)
    folder = write_take(studio, session_id)
    url = f"/api/audio/{session_id}/user/original"
    await heard(studio, url, token)
    made_ns = (folder / FILE_NAME).stat().st_mtime_ns
    await studio.again()
    await heard(studio, url, token)
    assert (folder / FILE_NAME).stat().st_mtime_ns == made_ns
    os.utime(folder / "take.spool", (time.time() - 7300, time.time() - 7300))
    assert sweep(studio.settings.takes_dir, 7200.0, time.time(), []).deleted == 1
    assert await problem(await studio.api.get(url, headers=token)) == (410, "take-deleted")
    _, missing = await tracks(studio, session_id, token)
    assert missing["user/original"] == "take-deleted"
    assert not folder.exists()


async def test_a_damaged_file_is_made_anew(studio: Stage) -> None:
    session_id, token = await sung(studio)
    (write_take(studio, session_id) / FILE_NAME).write_bytes(b"half a fil")
    assert len(await heard(studio, f"/api/audio/{session_id}/user/original", token)) > RATE_HZ


@pytest.mark.parametrize("path", ["user/original", "ref/vocals"])
async def test_a_range_is_a_part_of_the_whole(studio: Stage, path: str) -> None:
    session_id, token = await sung(studio, song_id=STUDIO_SONG)
    write_take(studio, session_id)
    url = f"/api/audio/{session_id}/{path}"
    async with studio.api.get(url, headers=token) as whole:
        everything = await whole.read()
        assert whole.headers["Accept-Ranges"] == "bytes"
    async with studio.api.get(url, headers=token | {"Range": "bytes=100-299"}) as part:
        assert part.status == 206
        assert part.headers["Content-Range"] == f"bytes 100-299/{len(everything)}"
        assert await part.read() == everything[100:300]
    async with studio.api.get(url, headers=token | {"Range": f"bytes={len(everything)}-"}) as beyond:
        assert beyond.status == 416


async def test_a_prepared_song_has_all_its_sounds(studio: Stage) -> None:
    session_id, token = await studio.start(song_id=STUDIO_SONG)
    there, missing = await tracks(studio, session_id, token)
    assert set(there) == {"ref/vocals", "ref/instrumentals", "ref/original"}
    assert {track["duration_s"] for track in there.values()} == {SONG_S}
    assert set(missing.values()) == {"not-ready"}
    for track in there.values():
        assert len(await heard(studio, track["url"], token)) == round(SONG_S * RATE_HZ)


async def test_a_song_that_was_taken_out_leaves_the_take(studio: Stage) -> None:
    session_id, token = await sung(studio, song_id=STUDIO_SONG)
    write_take(studio, session_id)
    shutil.rmtree(studio.settings.data_dir / "songs" / STUDIO_SONG)
    there, missing = await tracks(studio, session_id, token)
    assert set(there) == {"user/vocals", "user/original"}
    assert missing["ref/vocals"] == "unknown-song"


async def test_a_session_whose_song_could_not_be_prepared_has_no_take(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", **OFFLINE) as stage:
        session_id, token, _ = await begin(stage.api, {"source": {"source_id": await upload_pair(stage.api)}})
        await until_state(stage.api, session_id, token, "failed")
        _, missing = await tracks(stage, session_id, token)
        assert (missing["user/original"], missing["user/vocals"]) == ("no-take", "no-take")
        url = f"/api/audio/{session_id}/user/original"
        assert await problem(await stage.api.get(url, headers=token)) == (404, "no-take")


async def test_before_the_verdict_there_is_no_take_to_hear(studio: Stage) -> None:
    studio.jury.go.clear()
    session_id, token = await studio.sing()
    write_take(studio, session_id)
    url = f"/api/audio/{session_id}/user/original"
    assert await problem(await studio.api.get(url, headers=token)) == (409, "not-ready")
    studio.jury.go.set()
    await studio.until_over(session_id, token)
    assert len(await heard(studio, url, token)) > RATE_HZ


async def test_a_session_without_singing_has_no_take(studio: Stage) -> None:
    session_id, token = await studio.start()
    await studio.api.post(f"/api/session/{session_id}/end", headers=token)
    reply = await studio.api.get(f"/api/audio/{session_id}/user/original", headers=token)
    assert await problem(reply) == (404, "no-take")


async def test_a_take_in_which_the_song_never_played_is_none(studio: Stage) -> None:
    session_id, token = await sung(studio)
    write_spool(studio.settings.takes_dir / session_id, tone(1.0), [(0.0, 0.0, False)], (9.0, 9.0))
    reply = await studio.api.get(f"/api/audio/{session_id}/user/original", headers=token)
    assert await problem(reply) == (404, "no-take")


@pytest.mark.parametrize("path", ["user/drums", "band/vocals", "ref/..%2f..%2fsecret", "user/instrumentals"])
async def test_other_names_are_no_tracks(studio: Stage, path: str) -> None:
    session_id, token = await sung(studio)
    status, code = await problem(await studio.api.get(f"/api/audio/{session_id}/{path}", headers=token))
    assert status == 404
    assert code in ("no-track", "not-separated", "not-found")


@pytest.mark.parametrize("path", ["tracks", "user/original", "ref/vocals"])
async def test_nobody_else_hears_a_session(studio: Stage, path: str) -> None:
    session_id, token = await sung(studio)
    write_take(studio, session_id)
    _, other = await studio.start()
    url = f"/api/audio/{session_id}/{path}"
    assert await problem(await studio.api.get(url)) == (401, "unauthorized")
    assert await problem(await studio.api.get(url, headers=other)) == (403, "foreign-session")
    in_address = await studio.api.get(url, params={"token": token["Authorization"].split()[1]})
    assert await problem(in_address) == (401, "unauthorized")
