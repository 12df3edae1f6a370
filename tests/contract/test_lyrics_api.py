"""Lyrics over real HTTP, with LRCLIB and Genius on loopback in every mood, on either kind of store."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from sqlalchemy import select, update
from voicejury.v1 import song_pb2

from signaling.lyrics.finder import MISS_LIFE, LyricsFinder
from signaling.lyrics.lines import FoundLyrics, LyricLine
from signaling.lyrics.lrc import parse_lyrics
from signaling.lyrics.wanted import WantedLyrics
from signaling.net import services as net
from signaling.services import SERVICES, Services
from signaling.store.database import create_engine
from signaling.store.models import LyricsRow, SessionRow
from tests.contract.conftest import Stores
from tests.contract.signaling_stage import SONG_ID, Stage, problem, signaling_stage
from tests.support.song_services import (
    GENIUS_TOKEN,
    LRC,
    Mood,
    Recording,
    SongServices,
    params_of,
    patience_s,
    song_services,
)

PLAIN = "Le vent se lève sur la rivière\nEt je chante pour toi"
GENIUS_PAGE = """
<div class="ad">Buy tickets</div>
<div data-lyrics-container="true" class="Lyrics__Container">
  <div data-exclude-from-selection="true">12 Contributors<h2>Le vent Lyrics</h2></div>
  [Couplet 1]<br/>Le vent se lève <a href="/1"><span>sur la rivière</span></a><br><br>[Refrain : Zoé]
</div><div class="ad">Buy more</div>
<div data-lyrics-container="true">Et je chante <i>pour toi</i><script>alert(1)</script></div>
"""
LINES = ["Le vent se lève sur la rivière", "Et je chante pour toi"]
VENT = Recording("vent", "Le vent", "Personne", duration_s=200.0)


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        yield running


@pytest.fixture(autouse=True)
def impatience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "TOTAL_S", patience_s(params_of(request).get("mood")))
    monkeypatch.setattr(net, "CONNECT_S", 60.0)
    monkeypatch.setattr(net, "RETRY_PAUSE_S", 0.01)


@pytest.fixture
async def stage(stores: Stores, tmp_path: Path, outside: SongServices) -> AsyncIterator[Stage]:
    if stores.redis_url:
        async with redis.asyncio.Redis.from_url(stores.redis_url) as client:
            await client.flushdb()
    more = {**outside.settings, "youtube": False}
    async with signaling_stage(tmp_path, stores.database_url, stores.redis_url, **more) as running:
        yield running


@pytest.fixture
async def embedded_stage(tmp_path: Path, outside: SongServices) -> AsyncIterator[Stage]:
    async with signaling_stage(tmp_path, "", "", **{**outside.settings, "youtube": False}) as running:
        yield running


def recording(**more: Any) -> Recording:
    return Recording(VENT.id, VENT.title, VENT.artist, duration_s=VENT.duration_s, **more)


async def lyrics(stage: Stage, track_id: str = "spotify:vent", **query: Any) -> dict[str, Any]:
    async with stage.api.get(f"/api/lyrics/track/{track_id}", params=query) as reply:
        assert reply.status == 200, await reply.text()
        found: dict[str, Any] = await reply.json()
        return found


async def no_lyrics(stage: Stage, track_id: str = "spotify:vent", **query: Any) -> tuple[int, str]:
    return await problem(await stage.api.get(f"/api/lyrics/track/{track_id}", params=query))


def texts(found: dict[str, Any]) -> list[str]:
    return [line["text"] for line in found["lines"]]


async def rows(stage: Stage) -> dict[str, LyricsRow]:
    engine = create_engine(stage.settings.sql_url)
    try:
        async with engine.connect() as store:
            return {row.source: row for row in await store.execute(select(LyricsRow))}  # type: ignore[misc]
    finally:
        await engine.dispose()


async def age(stage: Stage, by: timedelta) -> None:
    engine = create_engine(stage.settings.sql_url)
    try:
        async with engine.begin() as store:
            for source, row in (await rows(stage)).items():
                change = update(LyricsRow).where(LyricsRow.source == source)
                await store.execute(change.values(expires_at=row.expires_at - by))
    finally:
        await engine.dispose()


async def looked_up(finder: LyricsFinder, wanted: WantedLyrics) -> FoundLyrics:
    found = await finder.lyrics_for(wanted)
    assert found is not None
    return found


def services_of(stage: Stage) -> Services:
    assert stage.api.app is not None
    services: Services = stage.api.app[SERVICES]
    return services


async def test_synced_lyrics_come_from_lrclib_and_are_kept(stage: Stage, outside: SongServices) -> None:
    outside.recordings.append(recording(synced=LRC, plain=PLAIN, page=GENIUS_PAGE))
    found = await lyrics(stage)
    assert found["lines"] == [
        {"text": LINES[0], "onset_s": 1.0, "offset_s": 4.5, "words": []},
        {"text": LINES[1], "onset_s": 4.5, "offset_s": 8.0, "words": []},
    ]
    assert {name: found[name] for name in ("track_id", "source", "language", "is_synced")} == {
        "track_id": "spotify:vent",
        "source": "lrclib",
        "language": "fr",
        "is_synced": True,
    }
    kept_for = datetime.fromisoformat(found["expires_at"]) - datetime.fromisoformat(found["fetched_at"])
    assert kept_for == timedelta(days=90)
    assert outside.asked("/lrclib/api/get")[0].query == {
        "track_name": "Le vent",
        "artist_name": "Personne",
        "album_name": "Un album",
        "duration": "200",
    }
    assert not outside.asked("/genius")
    asked = len(outside.seen)
    await stage.again()
    assert await lyrics(stage) == found
    assert len(outside.asked("/lrclib")) == 1
    assert len(outside.seen) >= asked


async def test_a_synced_version_of_the_same_length_stands_before_a_plain_one(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings += [
        recording(plain=PLAIN),
        Recording("live", "Le vent (Live)", "Personne", duration_s=260.0, synced="[00:09.00]trop long"),
        Recording("other", "Le vent", "Xyz Qqqqq", duration_s=200.0, synced="[00:09.00]une autre"),
        Recording("near", "Le Vent", "PERSONNE", "Le meilleur de", duration_s=202.5, synced=LRC),
    ]
    found = await lyrics(embedded_stage)
    assert (texts(found), found["is_synced"]) == (LINES, True)


@pytest.mark.parametrize(
    ("title", "artist", "album"),
    [
        ("Le vent", "Personne", "Le meilleur de Personne"),  # another release
        ("LE VENT!", "personne", "Un album"),
        ("Le vent", "Personne, Quelqu'un", "Un album"),  # as Spotify names guests
        ("Le vent (feat. Quelqu'un) - Remastered 2011", "Personne, Quelqu'un", "Un album"),
        ("Le vent [Radio Edit]", "Personne feat. Quelqu'un", ""),
    ],
)
@pytest.mark.parametrize("service", ["lrclib", "genius"])
async def test_words_are_found_under_every_name_of_a_recording(
    embedded_stage: Stage, outside: SongServices, title: str, artist: str, album: str, service: str
) -> None:
    outside.recordings += [
        Recording(
            "mer", "Le vent de la mer", "Personne", synced="[00:01.00]la mer", page=GENIUS_PAGE.replace("L", "X")
        ),
        recording(synced=LRC) if service == "lrclib" else recording(page=GENIUS_PAGE),
        Recording("autre", "Le vent", "Une autre", plain="autre chose", page=GENIUS_PAGE.replace("L", "X")),
    ]
    finder = services_of(embedded_stage).lyrics
    wanted = WantedLyrics("spotify:x", title, artist, 200.0, album, is_known=True)
    found = await looked_up(finder, wanted)
    assert (found.source, [line.text for line in found.lines]) == (service, LINES)


async def test_a_track_without_words_leaves_those_of_another_release(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings += [recording(), Recording("again", "Le vent", "Personne", "Le meilleur de", 201.0, plain=PLAIN)]
    found = await lyrics(embedded_stage)
    assert (texts(found), found["source"]) == (LINES, "lrclib")


async def test_plain_lyrics_stand_before_genius(embedded_stage: Stage, outside: SongServices) -> None:
    outside.recordings.append(recording(plain=PLAIN, page=GENIUS_PAGE))
    found = await lyrics(embedded_stage)
    assert (texts(found), found["source"], found["is_synced"]) == (LINES, "lrclib", False)
    assert found["lines"][0] == {"text": LINES[0], "onset_s": None, "offset_s": None, "words": []}


async def test_genius_has_the_words_that_lrclib_has_not(stage: Stage, outside: SongServices) -> None:
    outside.recordings.append(recording(page=GENIUS_PAGE))
    found = await lyrics(stage)
    assert (texts(found), found["source"], found["is_synced"], found["language"]) == (LINES, "genius", False, "fr")
    assert outside.asked("/genius-api")[0].headers["Authorization"] == f"Bearer {GENIUS_TOKEN}"
    assert "Authorization" not in outside.asked("/genius/")[0].headers
    kept = await rows(stage)
    assert (kept["lrclib"].lines, len(kept["genius"].lines)) == ([], 2)
    assert kept["lrclib"].expires_at - kept["lrclib"].fetched_at == MISS_LIFE
    asked = len(outside.seen)
    assert await lyrics(stage) == found
    assert len(outside.seen) == asked


async def test_a_miss_is_asked_again_soon_and_then_better_words_are_found(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording())
    assert await no_lyrics(embedded_stage) == (404, "no-lyrics")
    asked = len(outside.seen)
    outside.recordings[0] = recording(synced=LRC)
    assert await no_lyrics(embedded_stage) == (404, "no-lyrics")
    assert len(outside.seen) == asked
    await age(embedded_stage, MISS_LIFE)
    assert texts(await lyrics(embedded_stage)) == LINES


async def test_an_instrumental_has_no_words_and_nobody_else_is_asked(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(is_instrumental=True, page=GENIUS_PAGE))
    for _ in range(2):
        assert await no_lyrics(embedded_stage) == (404, "no-lyrics")
    assert not outside.asked("/genius")
    assert len(outside.asked("/lrclib")) == 1


@pytest.mark.parametrize("mood", [mood for mood in Mood if mood is not Mood.GOOD])
async def test_a_lrclib_in_a_bad_mood_is_no_miss(embedded_stage: Stage, outside: SongServices, mood: Mood) -> None:
    outside.recordings.append(recording(synced=LRC, page=GENIUS_PAGE))
    outside.moods["lrclib"] = mood
    found = await lyrics(embedded_stage)
    assert (texts(found), found["source"]) == (LINES, "genius")
    assert set(await rows(embedded_stage)) == {"genius"}
    if mood is not Mood.LIMITED:
        outside.moods.clear()
        assert (await lyrics(embedded_stage))["source"] == "lrclib"


@pytest.mark.parametrize("mood", [Mood.LIMITED, Mood.BROKEN, Mood.NONSENSE, Mood.SLOW, Mood.GONE])
async def test_when_nobody_can_be_asked_that_is_said_and_nothing_is_kept(
    embedded_stage: Stage, outside: SongServices, mood: Mood, caplog: pytest.LogCaptureFixture
) -> None:
    outside.recordings.append(recording(page=GENIUS_PAGE))
    outside.moods |= {"lrclib": mood, "genius-api": mood}
    with caplog.at_level(logging.DEBUG):
        reply = await embedded_stage.api.get("/api/lyrics/track/spotify:vent")
    assert await problem(reply) == (503, "service-failed")
    assert int(reply.headers["Retry-After"]) >= 1
    assert await rows(embedded_stage) == {}
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("signaling"))
    assert "vent" not in ours.lower().replace("event", "")
    assert GENIUS_TOKEN not in ours


@pytest.mark.parametrize("page", ["<h1>Burrr! Please prove that you are human</h1>", ""])
async def test_a_page_of_genius_that_is_another_one_is_no_miss(
    embedded_stage: Stage, outside: SongServices, page: str
) -> None:
    outside.recordings.append(recording(page=page))
    assert await no_lyrics(embedded_stage) == (503, "service-failed")
    assert set(await rows(embedded_stage)) == {"lrclib"}


async def test_a_page_of_genius_without_words_is_a_miss(embedded_stage: Stage, outside: SongServices) -> None:
    outside.recordings.append(recording(page='<div data-lyrics-container="true">[Instrumental]</div>'))
    assert await no_lyrics(embedded_stage) == (404, "no-lyrics")


async def test_synced_lyrics_that_cannot_be_read_leave_the_plain_ones(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(synced="[00:99.00]la\n[0x:00]", plain=PLAIN))
    found = await lyrics(embedded_stage)
    assert (texts(found), found["is_synced"]) == (LINES, False)


async def test_the_longest_life_is_a_year_and_what_expired_is_let_go(tmp_path: Path, outside: SongServices) -> None:
    outside.recordings.append(recording(synced=LRC))
    async with signaling_stage(tmp_path, "", "", **outside.settings, youtube=False, lyrics_days=365) as stage:
        found = await lyrics(stage)
        kept_for = datetime.fromisoformat(found["expires_at"]) - datetime.fromisoformat(found["fetched_at"])
        assert kept_for == timedelta(days=365)
        await age(stage, timedelta(days=366))
        wanted = WantedLyrics("another", "Autre", "Personne", is_known=True)
        await services_of(stage).lyrics.keep_own(wanted, parse_lyrics("la"))
        assert set(await rows(stage)) == {"user"}


async def test_a_track_that_nobody_knows_is_looked_up_by_what_is_said_of_it(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(synced=LRC))
    assert await no_lyrics(embedded_stage, "youtube:abcdefghijk") == (404, "no-track")
    query = {"title": "le vent", "artist": "personne", "duration_s": 200}
    found = await lyrics(embedded_stage, "youtube:abcdefghijk", **query)
    assert (found["track_id"], texts(found)) == ("youtube:abcdefghijk", LINES)


async def test_the_words_of_a_video_are_found_under_its_songs_names(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(synced=LRC))
    query = {"title": "Personne - Le vent (Clip officiel)", "artist": "Une chaîne", "duration_s": 201}
    assert texts(await lyrics(embedded_stage, "youtube:abcdefghijk", **query)) == LINES


async def test_what_somebody_says_of_a_track_is_not_what_others_get(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(Recording("wrong", "La mer", "Personne", synced="[00:01.00]La mer est belle"))
    query = {"title": "La mer", "artist": "Personne"}
    assert texts(await lyrics(embedded_stage, "youtube:abcdefghijk", **query)) == ["La mer est belle"]
    finder = services_of(embedded_stage).lyrics
    outside.recordings.append(recording(synced=LRC))
    known = WantedLyrics("youtube:abcdefghijk", "Le vent", "Personne", 200.0, is_known=True)
    found = await looked_up(finder, known)
    assert [line.text for line in found.lines] == LINES
    said = {"title": "La mer", "artist": "Personne"}
    assert texts(await lyrics(embedded_stage, "spotify:vent", **said)) == LINES


@pytest.mark.parametrize("query", ["duration_s=0", "duration_s=x", "duration_s=inf", "more=1", "title=" + "x" * 301])
async def test_a_wrong_question_is_a_problem(embedded_stage: Stage, query: str) -> None:
    reply = await embedded_stage.api.get(f"/api/lyrics/track/spotify:vent?{query}")
    assert await problem(reply) == (400, "bad-request")


async def test_many_who_ask_at_once_cost_one_question(embedded_stage: Stage, outside: SongServices) -> None:
    outside.recordings.append(recording(synced=LRC))
    answers = await asyncio.gather(*(lyrics(embedded_stage) for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert len(outside.asked("/lrclib")) == 1


async def test_the_user_goes_first_and_the_file_last(embedded_stage: Stage, outside: SongServices) -> None:
    finder = services_of(embedded_stage).lyrics
    carried = parse_lyrics("[00:02.00]ce que dit le fichier")
    wanted = WantedLyrics("upload:1", "Le vent", "Personne", carried=carried, is_known=True)
    found = await looked_up(finder, wanted)
    assert (found.source, found.lines) == ("file", (LyricLine("ce que dit le fichier", 2.0),))
    assert (await looked_up(finder, wanted)).fetched_at == found.fetched_at
    outside.recordings.append(recording(plain=PLAIN))
    await age(embedded_stage, MISS_LIFE)
    found = await looked_up(finder, wanted)
    assert found.source == "lrclib"
    await finder.keep_own(wanted, parse_lyrics("à moi"))
    found = await looked_up(finder, wanted)
    assert (found.source, [line.text for line in found.lines]) == ("user", ["à moi"])


async def test_a_song_with_notes_sings_its_own_words(stage: Stage, outside: SongServices) -> None:
    found = await lyrics(stage, f"song:{SONG_ID}")
    assert (found["source"], found["is_synced"], found["fetched_at"]) == ("notes", True, None)
    assert found["lines"] == [
        {
            "text": "La la",
            "onset_s": 0.0,
            "offset_s": 0.8,
            "words": [
                {"text": "La", "onset_s": 0.0, "offset_s": 0.4},
                {"text": "la", "onset_s": 0.4, "offset_s": 0.8},
            ],
        }
    ]
    assert outside.seen == []
    assert await no_lyrics(stage, "song:nothing") == (404, "no-track")


async def test_a_session_moves_its_words_and_the_next_one_finds_them_moved(stage: Stage) -> None:
    session_id, token = await stage.start()
    url = f"/api/session/{session_id}"
    assert await (await stage.api.get(f"{url}/lyrics-offset", headers=token)).json() == {
        "track_id": f"song:{SONG_ID}",
        "source": "notes",
        "offset_s": 0.0,
    }
    moved = await stage.api.post(f"{url}/lyrics-offset", json={"offset_s": 0.25}, headers=token)
    assert (moved.status, (await moved.json())["offset_s"]) == (200, 0.25)
    await stage.again()
    session_id, token = await stage.start()
    found = await (await stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)).json()
    assert found["offset_s"] == 0.25
    assert found["lines"][0]["onset_s"] == 0.25
    assert found["lines"][0]["words"][1] == {"text": "la", "onset_s": 0.65, "offset_s": 1.05}
    again = await stage.api.post(f"/api/session/{session_id}/lyrics-offset", json={"offset_s": -1}, headers=token)
    assert again.status == 200
    found = await (await stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)).json()
    assert (found["offset_s"], found["lines"][0]["onset_s"]) == (-1.0, 0.0)
    assert (await lyrics(stage, f"song:{SONG_ID}"))["lines"][0]["onset_s"] == 0.0


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"offset_s": 10.01}, 400), ({"offset_s": "x"}, 400), ({}, 400), ({"offset_s": 1, "more": 1}, 400), ([], 400)],
)
async def test_a_wrong_offset_is_a_problem_and_moves_nothing(embedded_stage: Stage, sent: Any, status: int) -> None:
    session_id, token = await embedded_stage.start()
    url = f"/api/session/{session_id}/lyrics-offset"
    reply = await embedded_stage.api.post(url, json=sent, headers=token)
    assert await problem(reply) == (status, "bad-request")
    raw = await embedded_stage.api.post(
        url, data=b'{"offset_s": NaN}', headers={**token, "Content-Type": "application/json"}
    )
    assert await problem(raw) == (400, "bad-request")
    assert (await (await embedded_stage.api.get(url, headers=token)).json())["offset_s"] == 0.0


@pytest.mark.parametrize("leaf", ["lyrics", "lyrics-offset"])
async def test_the_words_of_a_session_want_its_token(embedded_stage: Stage, leaf: str) -> None:
    session_id, _ = await embedded_stage.start()
    _, other = await embedded_stage.start()
    url = f"/api/session/{session_id}/{leaf}"
    assert await problem(await embedded_stage.api.get(url)) == (401, "unauthorized")
    assert await problem(await embedded_stage.api.get(url, headers=other)) == (403, "foreign-session")


async def test_a_song_without_words_gets_them_from_outside_at_its_tempo(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(synced=LRC))
    services = services_of(embedded_stage)
    song = song_pb2.Song()
    song.CopyFrom(services.catalogue.find(SONG_ID) or song)
    del song.voices[0].reference.lyrics.words[:]
    song.title, song.artist, song.duration_s, song.tempo, song.source_id = "Le vent", "Personne", 400.0, 0.5, "upload:1"
    session_id, token = await embedded_stage.start()
    session = await services.sessions.find(session_id)
    assert session is not None
    await replace_song(embedded_stage, session_id, song)
    found = await (await embedded_stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)).json()
    assert (found["track_id"], found["source"]) == ("upload:1", "lrclib")
    assert [line["onset_s"] for line in found["lines"]] == [2.0, 9.0]
    url = f"/api/session/{session_id}/lyrics-offset"
    assert (await embedded_stage.api.post(url, json={"offset_s": 1.0}, headers=token)).status == 200
    found = await (await embedded_stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)).json()
    assert [line["onset_s"] for line in found["lines"]] == [4.0, 11.0]


async def test_a_session_whose_song_is_not_there_yet_says_so(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    await replace_song(embedded_stage, session_id, None)
    reply = await embedded_stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)
    assert await problem(reply) == (409, "not-ready")


async def test_the_words_stay_after_the_verdict(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.sing()
    await embedded_stage.until_over(session_id, token)
    found = await (await embedded_stage.api.get(f"/api/session/{session_id}/lyrics", headers=token)).json()
    assert texts(found) == ["La la"]


async def test_an_offset_is_heard_at_once_where_the_words_were_asked_for_just_now(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(recording(synced=LRC))
    finder = services_of(embedded_stage).lyrics
    wanted = WantedLyrics("upload:1", "Le vent", "Personne", is_known=True)
    found = await looked_up(finder, wanted)
    await finder.set_offset(found, 2.0)
    assert (await looked_up(finder, wanted)).lines_at_offset()[0].onset_s == 3.0


async def test_a_settled_offset_counts_from_the_prepared_song(embedded_stage: Stage) -> None:
    finder = services_of(embedded_stage).lyrics
    wanted = WantedLyrics("upload:1", "", "", carried=parse_lyrics("[00:02.00]la"), is_known=True)
    await finder.set_offset(await looked_up(finder, wanted), 1.5)
    found = await looked_up(finder, wanted)
    assert found.lines_at_offset()[0].onset_s == 3.5
    await finder.settle(found)
    assert (await looked_up(finder, wanted)).offset_s == 0.0


async def replace_song(stage: Stage, session_id: str, song: song_pb2.Song | None) -> None:
    """What preparing does to a session; None: not yet."""
    values = {"song_pb": song.SerializeToString() if song is not None else b""}
    if song is None:
        values["song_id"] = ""  # type: ignore[assignment]
    engine = create_engine(stage.settings.sql_url)
    try:
        async with engine.begin() as store:
            await store.execute(update(SessionRow).where(SessionRow.id == session_id).values(**values))
    finally:
        await engine.dispose()
