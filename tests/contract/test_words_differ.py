"""Lyrics of another song than the one that is sung: prepared all the same, and told."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from inference.domain.melody import Lyrics, Word
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.contract.preparing_house import OFFLINE, RATE_HZ, begin, until_state, upload, wav_bytes
from tests.contract.signaling_stage import SECRET, signaling_stage
from tests.support.talker import spoken

SUNG = "au clair de la lune mon ami pierrot"
OTHERS = "sonnez les matines dormez vous ding dang dong"
LINES, LINE_S, WORD_S = 5, 4.5, 0.42


def recorded_pair() -> dict[str, bytes]:
    """The line that the small Whisper knows, five times, and a hiss beside it."""
    onsets_s = [0.5 + LINE_S * line + WORD_S * place for line in range(LINES) for place in range(len(SUNG.split()))]
    words = [Word(text, at_s, at_s + WORD_S, 0) for text, at_s in zip(SUNG.split() * LINES, onsets_s, strict=True)]
    voice = spoken(Lyrics("fr", tuple(words)), LINES * LINE_S + 1.0, 150)
    hiss = 0.01 * np.random.default_rng(4).standard_normal(len(voice))
    assert len(voice) > LINES * LINE_S * RATE_HZ
    return {"instrumental": wav_bytes(hiss), "vocals": wav_bytes(voice)}


@pytest.mark.parametrize(("text", "is_told"), [(SUNG, False), (OTHERS, True)])
async def test_lyrics_of_another_song_are_remarked(tmp_path: Path, recordings: Path, text: str, is_told: bool) -> None:
    lrc = "\n".join(f"[00:{0.5 + LINE_S * line:05.2f}]{text}" for line in range(LINES))
    files = await asyncio.to_thread(recorded_pair)
    settings = Settings(
        secret=SecretStr(SECRET),
        data_dir=tmp_path / "data",
        final_pitch="tiny",
        whisper_model=recordings / "models" / "whisper-toy",
    )
    async with running(Role.REFERENCE, settings) as (port, _):
        more: dict[str, Any] = {**OFFLINE, "reference_url": f"127.0.0.1:{port}"}
        async with signaling_stage(tmp_path, "", "", **more) as stage:
            source_id = await upload(stage.api, files, lyrics=lrc)
            session_id, token, _ = await begin(stage.api, {"source": {"source_id": source_id}})
            await until_state(stage.api, session_id, token, "created")
            song = await (await stage.api.get(f"/api/session/{session_id}/song", headers=token)).json()
    methods = {word["timed_by"] for word in song["voices"][0]["reference"]["lyrics"]["words"]}
    assert methods == ({"syllables"} if is_told else {"whisper"})
    assert ("words-differ" in song["confidence"]["remarks"]) is is_told
