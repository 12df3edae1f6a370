"""Answers are kept, and yet whoever changes something reads it at once; also what another process changed."""

import asyncio
from typing import Any

import pytest
from voicejury.v1 import song_pb2

from signaling.songs.catalogue import Catalogue
from signaling.store.database import open_database
from signaling.store.sessions import Sessions
from tests.contract.signaling_stage import SONG_ID, Stage

Token = dict[str, str]


async def read(stage: Stage, path: str, token: Token | None = None) -> Any:
    async with stage.api.get(path, headers=token or {}) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def move_words(stage: Stage, session_id: str, token: Token, offset_s: float) -> None:
    url = f"/api/session/{session_id}/lyrics-offset"
    assert (await stage.api.post(url, json={"offset_s": offset_s}, headers=token)).status == 200


async def test_an_offset_is_read_at_once_by_everybody_who_sings_the_song(stage: Stage) -> None:
    session_id, token = await stage.start()
    other_id, other = await stage.start()
    first_s = (await read(stage, f"/api/session/{session_id}/lyrics", token))["lines"][0]["onset_s"]
    first_word_s = (await read(stage, f"/api/lyrics/word-timestamps/song:{SONG_ID}"))["words"][0]["onset_s"]
    for offset_s in (0.25, 0.75, 0.25, 0.0):  # back to what is kept already, too
        await move_words(stage, session_id, token, offset_s)
        for one_id, one in ((session_id, token), (other_id, other)):
            assert (await read(stage, f"/api/session/{one_id}/lyrics-offset", one))["offset_s"] == offset_s
            lyrics = await read(stage, f"/api/session/{one_id}/lyrics", one)
            assert lyrics["offset_s"] == offset_s
            assert lyrics["lines"][0]["onset_s"] == pytest.approx(first_s + offset_s, abs=2e-3)
        words = (await read(stage, f"/api/lyrics/word-timestamps/song:{SONG_ID}"))["words"]
        assert words[0]["onset_s"] == pytest.approx(first_word_s + offset_s, abs=2e-3)


async def test_another_song_of_a_session_is_read_at_once_whoever_gave_it(stage: Stage) -> None:
    session_id, token = await stage.start()
    before = await read(stage, f"/api/session/{session_id}/song", token)
    lines = (await read(stage, f"/api/session/{session_id}/lyrics", token))["lines"]
    new = song_pb2.Song()
    new.CopyFrom(Catalogue(stage.settings.data_dir).find(SONG_ID) or new)
    new.title = f"{before['title']}, autrement"
    new.voices[0].reference.melody.phrases[0].text = "un autre vers"
    engine = await open_database(stage.settings.sql_url)  # as another process has it
    try:
        assert await Sessions(engine).keep_song(session_id, new)
    finally:
        await engine.dispose()
    assert (await read(stage, f"/api/session/{session_id}/song", token))["title"] == new.title
    now = (await read(stage, f"/api/session/{session_id}/lyrics", token))["lines"]
    assert (now[0]["text"], now[1:]) == ("un autre vers", lines[1:])


async def test_results_are_read_at_once_when_the_verdict_is_told(stage: Stage) -> None:
    stage.jury.go.clear()
    session_id, token = await stage.sing()
    async with stage.api.get(f"/api/session/{session_id}/results", headers=token) as reply:
        assert (reply.status, (await reply.json())["code"]) == (409, "not-ready")
    stage.jury.go.set()
    told = await stage.until_over(session_id, token)
    verdict = await read(stage, f"/api/session/{session_id}/results", token)
    assert told[-1] == ("verdict", verdict)
    assert (await stage.until_over(session_id, token))[-1] == ("verdict", verdict)  # a listener who comes late
    assert (await read(stage, f"/api/session/{session_id}/status", token))["state"] == "done"


async def test_words_given_to_a_song_by_hand_are_read_at_once(stage: Stage) -> None:
    catalogue = Catalogue(stage.settings.data_dir)  # as another process has it
    path = f"/api/lyrics/word-timestamps/song:{SONG_ID}"
    count = len((await read(stage, path))["words"])
    song = song_pb2.Song()
    song.CopyFrom(catalogue.find(SONG_ID) or song)
    del song.voices[0].reference.lyrics.words[1:]
    assert catalogue.rewrite(song)
    assert (count > 1, len((await read(stage, path))["words"])) == (True, 1)


async def test_many_who_ask_how_all_is_cause_one_look(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    ping = Sessions.ping

    async def counted(sessions: Sessions) -> None:
        looks.append(None)
        await ping(sessions)

    monkeypatch.setattr(Sessions, "ping", counted)
    monkeypatch.setattr("signaling.routes.health.MOMENT_S", 60.0)
    await stage.again()
    found = await asyncio.gather(*(read(stage, "/health") for _ in range(20)))
    assert (len(looks), found) == (1, [found[0]] * 20)
    assert found[0]["dependencies"]["database"]["status"] == "ok"
