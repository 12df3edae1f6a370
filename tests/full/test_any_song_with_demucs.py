"""One recording, and no pair: brought to the whole house, split by Demucs' own code, sung; by HTTP and by the page."""

import asyncio
import io
import time
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from inference.audio.recordings import STEREO_RATE_HZ, decode_stereo
from tests.contract.preparing_house import begin, events_until, metric, upload
from tests.e2e.conftest import Visit
from tests.support.house import House
from tests.support.microphone_file import write_microphone_file
from tests.support.mixtures import Mixture, Stereo, vocadito_over_vibe_ace, voice_left

SONG_S = 14.0
SPLIT = 'voicejury_preparations_total{outcome="ready"}'
ORDER = ("queued", "download", "decode", "separate", "pitch", "words", "store")
AT_ONCE_S = 2.0  # what is answered from the cache, on a busy machine; a preparation takes several times that
READY_TIMEOUT_MS = 90_000


def mixture(seconds: float) -> Mixture:
    return voice_left(vocadito_over_vibe_ace(seconds=seconds))


def flac(sound: Stereo) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound.T, STEREO_RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()


async def get_json(api: aiohttp.ClientSession, url: str, token: dict[str, str]) -> Any:
    async with api.get(url, headers=token) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def sound_of(api: aiohttp.ClientSession, url: str, token: dict[str, str], path: Path) -> Stereo:
    async with api.get(url, headers=token) as reply:
        assert reply.status == 200, await reply.text()
        sound = await reply.read()
    return await asyncio.to_thread(decoded, sound, path)


def decoded(sound: bytes, path: Path) -> Stereo:
    path.write_bytes(sound)
    return decode_stereo(path, 60.0)


async def test_one_recording_becomes_a_song_whose_backing_lacks_the_voice(house: House, tmp_path: Path) -> None:
    truth = mixture(SONG_S)
    async with aiohttp.ClientSession(house.url) as api:
        source_id = await upload(api, {"audio": flac(truth.mix)}, title="En une prise", lyrics="")
        session_id, token, state = await begin(api, {"source": {"source_id": source_id}})
        assert state == "preparing"
        told = await events_until(api, session_id, token, "created")
        assert told[-1] == ("state", {"state": "created"}), told[-1]
        check_progress([data for name, data in told if name == "progress"])
        assert await metric(api, SPLIT) == 1

        song = await get_json(api, f"/api/session/{session_id}/song", token)
        listed = (await get_json(api, "/api/songs", {}))["songs"]
        assert song["id"] in {one["id"] for one in listed}
        assert song["confidence"]["overall"] > 0.8, song["confidence"]
        backing = await sound_of(api, song["audio_url"], token, tmp_path / "backing")
        check_same(backing, truth.backing)
        urls = {name: f"/api/audio/{session_id}/ref/{name}" for name in ("vocals", "instrumentals", "original")}
        parts = {name: await sound_of(api, url, token, tmp_path / name) for name, url in urls.items()}
        check_same(parts["instrumentals"], truth.backing)
        check_same(parts["vocals"], truth.vocals)
        check_same(parts["original"], truth.mix)

        began_s = time.monotonic()
        _, _, state = await begin(api, {"source": {"source_id": source_id}})
        assert (state, time.monotonic() - began_s < AT_ONCE_S) == ("created", True)
        again = await upload(api, {"audio": flac(truth.mix)}, title="En une prise", lyrics="")
        _, _, state = await begin(api, {"source": {"source_id": again}})
        assert state == "created"
        assert await metric(api, SPLIT) == 1


def check_progress(progress: list[dict[str, Any]]) -> None:
    stages = list(dict.fromkeys(one["stage"] for one in progress))
    assert {"separate", "pitch"} <= set(stages), stages
    assert stages == sorted(stages, key=ORDER.index)
    fractions = [one["fraction"] for one in progress]
    assert fractions == sorted(fractions)
    while_working = [one["left_s"] for one in progress if one["stage"] in ("separate", "pitch")]
    assert any(left_s is not None and left_s > 0 for left_s in while_working), progress


def check_same(heard: Stereo, truth: Stereo) -> None:
    """But for the one gain that keeps all parts from clipping."""
    assert abs(heard.shape[1] - truth.shape[1]) <= 1
    samples = min(heard.shape[1], truth.shape[1])
    heard, truth = heard[:, :samples], truth[:, :samples]
    gain = float((heard * truth).sum() / (truth**2).sum())
    assert 0.3 < gain <= 1.01
    error = heard - gain * truth
    assert float(np.sqrt((error**2).mean() / (truth**2).mean())) < 0.01


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_page_shows_the_split_of_a_recording_and_sings_the_song(visit: Visit, tmp_path: Path) -> None:
    truth = mixture(SONG_S - 2.0)  # of no other test
    recording = tmp_path / "Personne - Depuis la page.flac"
    recording.write_bytes(flac(truth.mix))
    microphone = write_microphone_file(tmp_path / "voice.wav", truth.vocals[0].astype(np.float64), STEREO_RATE_HZ)
    show = visit(microphone)
    show.open()
    show.find("bring").click()
    show.find("bring-files").set_input_files([recording])
    show.find("bring-send").click()
    stage = show.find("preparation-stage")
    expect(stage).to_have_attribute("data-stage", "separate", timeout=READY_TIMEOUT_MS)
    show.photograph("separating")
    expect(show.find("preparation")).to_have_attribute("data-phase", "ready", timeout=READY_TIMEOUT_MS)
    expect(show.find("confidence")).to_be_visible()
    show.photograph("ready")
    show.check_microphone()
    show.start_with(microphone)
    show.wait_for_song_second(3.0)
    assert show.fact("pointsReceived") > 0
    results = show.await_verdict()
    assert results["pitch"] >= 85, results["pitch"]
