"""Times of words over REST, by a real reference service over gRPC, on embedded stores and on real servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soundfile
from aiohttp import ClientResponse
from pydantic import SecretStr
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import async_sessionmaker
from voicejury.v1 import reference_pb2, song_pb2

import inference.service.config
from inference.analysis.references import contour_song, keep_notes
from inference.domain.rules import ScoringRules
from inference.service.server import Role, running
from inference.service.stems import StemStore
from signaling.lyrics import word_timing
from signaling.lyrics.lrc import parse_lyrics
from signaling.lyrics.songs import own_lyrics, wanted_for_song
from signaling.services import SERVICES, Services
from signaling.songs.catalogue import Catalogue
from signaling.store.database import create_engine
from signaling.store.models import WordTimesRow
from signaling.store.word_times import ALIVE_S, WordTask
from tests.contract.conftest import Stores
from tests.contract.signaling_stage import SECRET, SONG_ID, Stage, problem, signaling_stage, until
from tests.support.sung_lyrics import SungLyrics, sung_lyrics

HASH = "ab" * 32
PREPARED_ID, SOURCE_ID = "nobody-river", f"upload:{HASH}"
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def sung() -> SungLyrics:
    return sung_lyrics("en", 3, lines=4)


@asynccontextmanager
async def reference_service(data_dir: Path) -> AsyncIterator[str]:
    settings = inference.service.config.Settings(secret=SecretStr(SECRET), data_dir=data_dir, final_pitch="tiny")
    async with running(Role.REFERENCE, settings) as (port, _):
        yield f"127.0.0.1:{port}"


def add_prepared_song(data_dir: Path, sung: SungLyrics) -> None:
    """A song as the reference service leaves it and the catalogue takes it: a voice, its contour, no words."""
    made = data_dir / "made"
    made.mkdir(parents=True)
    soundfile.write(made / "vocals.flac", sung.sound, 16_000)
    soundfile.write(made / "audio.flac", 0.01 * sung.sound, 16_000)
    song = contour_song(sung.track, "River")
    song.artist, song.language, song.duration_s = "Nobody", "en", sung.duration_s
    song.content_hash, song.audio_key, song.vocals_key = HASH, "audio.flac", "vocals.flac"
    files = {name: data_dir / name for name in ("audio.flac", "vocals.flac")}
    for name, kept in files.items():
        kept.write_bytes((made / name).read_bytes())
    StemStore((data_dir / "stems").absolute().as_uri()).keep(HASH, made, reference_pb2.PreparedSong(song=song))
    song.id, song.source_id = PREPARED_ID, SOURCE_ID
    Catalogue(data_dir).add(song, files)


@asynccontextmanager
async def timing_stage(folder: Path, stores: Stores, sung: SungLyrics) -> AsyncIterator[Stage]:
    add_prepared_song(folder / "data", sung)
    async with (
        reference_service(folder / "data") as url,
        signaling_stage(folder, stores.database_url, stores.redis_url, reference_url=url) as running_stage,
    ):
        await give_words(running_stage, sung)
        yield running_stage


@pytest.fixture
async def stage(stores: Stores, tmp_path: Path, sung: SungLyrics) -> AsyncIterator[Stage]:
    async with timing_stage(tmp_path, stores, sung) as running_stage:
        yield running_stage


@pytest.fixture
async def embedded_stage(tmp_path: Path, sung: SungLyrics) -> AsyncIterator[Stage]:
    async with timing_stage(tmp_path, Stores("", ""), sung) as running_stage:
        yield running_stage


@pytest.fixture
async def lonely_stage(tmp_path: Path, sung: SungLyrics) -> AsyncIterator[Stage]:
    """Where no reference service answers."""
    add_prepared_song(tmp_path / "data", sung)
    async with signaling_stage(tmp_path, "", "", reference_url=NOWHERE) as running_stage:
        await give_words(running_stage, sung)
        yield running_stage


def services_of(stage: Stage) -> Services:
    assert stage.api.app is not None
    services: Services = stage.api.app[SERVICES]
    return services


async def give_words(stage: Stage, sung: SungLyrics, earlier_s: float = 0.0) -> None:
    """Synced lyrics of the user's own, as an LRC file has them."""
    services = services_of(stage)
    song = services.catalogue.find(PREPARED_ID)
    assert song is not None
    starts = [line[0].onset_s - earlier_s for line in sung.lines]
    rows = [f"[{int(start // 60):02d}:{start % 60:05.2f}]" for start in starts]
    texts = [" ".join(word.text for word in line) for line in sung.lines]
    lyrics = parse_lyrics("\n".join(row + text for row, text in zip(rows, texts, strict=True)))
    await services.lyrics.keep_own(wanted_for_song(song), replace(lyrics, language="en"))


def give_notes(stage: Stage) -> None:
    """As prepared songs have them: the phrases that were heard, without words."""
    catalogue = services_of(stage).catalogue
    song = song_pb2.Song()
    song.CopyFrom(catalogue.find(PREPARED_ID) or song)
    keep_notes(song, ScoringRules())
    assert catalogue.rewrite(song)


async def generate(stage: Stage, track_id: str = SOURCE_ID, **more: Any) -> ClientResponse:
    return await stage.api.post("/api/lyrics/word-timestamps/generate", json={"track_id": track_id, **more})


async def task_of(reply: ClientResponse) -> str:
    assert reply.status == 202, await reply.text()
    return str((await reply.json())["task_id"])


async def task(stage: Stage, task_id: str) -> dict[str, Any]:
    async with stage.api.get(f"/api/lyrics/word-timestamps/task/{task_id}") as reply:
        assert reply.status == 200, await reply.text()
        found: dict[str, Any] = await reply.json()
        return found


async def over(stage: Stage, task_id: str) -> dict[str, Any]:
    async def is_over() -> bool:
        return (await task(stage, task_id))["state"] in ("done", "failed")

    await until(is_over)
    return await task(stage, task_id)


async def words_of(stage: Stage, track_id: str = SOURCE_ID) -> dict[str, Any]:
    async with stage.api.get(f"/api/lyrics/word-timestamps/{track_id}") as reply:
        assert reply.status == 200, await reply.text()
        found: dict[str, Any] = await reply.json()
        return found


async def test_words_are_timed_on_the_prepared_voice(stage: Stage, sung: SungLyrics) -> None:
    missing = await stage.api.get(f"/api/lyrics/word-timestamps/{SOURCE_ID}")
    assert await problem(missing) == (404, "no-word-times")
    task_id = await task_of(await generate(stage))
    done = await over(stage, task_id)
    assert (done["state"], done["fraction"], done["error"]) == ("done", 1.0, None)
    found = await words_of(stage)
    assert (found["track_id"], found["method"]) == (SOURCE_ID, "syllables")
    assert [word["text"] for word in found["words"]] == [word.text for line in sung.lines for word in line]
    assert {word["timed_by"] for word in found["words"]} == {"syllables"}
    errors = [abs(word["onset_s"] - truth) for word, truth in zip(found["words"], sung.onsets_s, strict=True)]
    assert sorted(errors)[len(errors) // 2] < 0.15  # spread evenly to the next line: 0.6
    assert await words_of(stage, f"song:{PREPARED_ID}") == found | {"track_id": f"song:{PREPARED_ID}"}


async def test_both_tiers_outlive_a_restart_and_sql_fills_redis(stage: Stage) -> None:
    task_id = await task_of(await generate(stage))
    await over(stage, task_id)
    found = await words_of(stage)
    await stage.again()
    await services_of(stage).word_timing.store._redis.flushall()
    assert await words_of(stage) == found
    assert (await task(stage, task_id))["state"] == "done"
    engine = create_engine(stage.settings.sql_url)
    async with async_sessionmaker(engine).begin() as store:
        await store.execute(delete(WordTimesRow))
    await engine.dispose()
    assert await words_of(stage) == found  # from Redis, which SQL had filled


async def test_expired_words_are_gone(stage: Stage) -> None:
    task_id = await task_of(await generate(stage))
    await over(stage, task_id)
    engine = create_engine(stage.settings.sql_url)
    async with async_sessionmaker(engine).begin() as store:
        await store.execute(update(WordTimesRow).values(expires_at=WordTimesRow.made_at))
    await engine.dispose()
    await services_of(stage).word_timing.store._redis.flushall()
    missing = await stage.api.get(f"/api/lyrics/word-timestamps/{SOURCE_ID}")
    assert await problem(missing) == (404, "no-word-times")


async def test_asked_at_once_by_many_it_is_one_task(stage: Stage) -> None:
    replies = await asyncio.gather(*(generate(stage) for _ in range(6)))
    task_ids = {await task_of(reply) for reply in replies}
    assert len(task_ids) == 1
    assert (await over(stage, task_ids.pop()))["state"] == "done"
    assert await task_of(await generate(stage, method="syllables")) not in task_ids


async def test_moved_lyrics_are_another_task(embedded_stage: Stage, sung: SungLyrics) -> None:
    first = await task_of(await generate(embedded_stage))
    await over(embedded_stage, first)
    await give_words(embedded_stage, sung, earlier_s=0.5)
    second = await task_of(await generate(embedded_stage))
    assert second != first
    assert (await over(embedded_stage, second))["state"] == "done"


async def test_timed_words_reach_the_song_itself_with_the_lyrics_offset_inside(
    embedded_stage: Stage, sung: SungLyrics
) -> None:
    services = services_of(embedded_stage)
    give_notes(embedded_stage)
    await give_words(embedded_stage, sung, earlier_s=0.5)
    song = services.catalogue.find(PREPARED_ID)
    assert song is not None
    found = await services.lyrics.lyrics_for(wanted_for_song(song))
    assert found is not None
    await services.lyrics.set_offset(found, 0.5)
    await over(embedded_stage, await task_of(await generate(embedded_stage)))
    timed = await words_of(embedded_stage)
    sings = services.catalogue.find(PREPARED_ID)
    assert sings is not None
    lyrics = sings.voices[0].reference.lyrics
    assert [word.text for word in lyrics.words] == [word.text for line in sung.lines for word in line]
    errors = [abs(word.onset_s - truth) for word, truth in zip(lyrics.words, sung.onsets_s, strict=True)]
    assert sorted(errors)[len(errors) // 2] < 0.15
    phrases = sings.voices[0].reference.melody.phrases
    assert all(phrases[word.phrase].onset_s <= word.offset_s for word in lyrics.words)
    assert [round(word.onset_s, 3) for word in lyrics.words] == [word["onset_s"] for word in timed["words"]]
    own = own_lyrics(sings)
    assert own is not None
    assert (own.source, await services.lyrics.offset_s(own)) == ("user", 0.0)
    assert (embedded_stage.settings.data_dir / "songs" / PREPARED_ID / "audio.flac").is_file()


async def test_words_move_with_the_lyrics_offset_that_is_set_later(embedded_stage: Stage) -> None:
    services = services_of(embedded_stage)
    give_notes(embedded_stage)
    for track_id in (f"song:{SONG_ID}", SOURCE_ID):  # its own words, and words that were timed
        await over(embedded_stage, await task_of(await generate(embedded_stage, track_id)))
        before = (await words_of(embedded_stage, track_id))["words"]
        song_id = SONG_ID if track_id != SOURCE_ID else PREPARED_ID
        song = services.catalogue.find(song_id)
        assert song is not None
        found = own_lyrics(song)
        assert found is not None
        await services.lyrics.set_offset(found, 0.25)
        moved = (await words_of(embedded_stage, track_id))["words"]
        assert [one["onset_s"] for one in moved] == pytest.approx([one["onset_s"] + 0.25 for one in before])
        await over(embedded_stage, await task_of(await generate(embedded_stage, track_id)))
        again = (await words_of(embedded_stage, track_id))["words"]
        if track_id != SOURCE_ID:  # written times stay, whatever they are timed with
            assert [one["onset_s"] for one in again] == pytest.approx([one["onset_s"] for one in moved])


async def test_a_song_without_words_looks_for_them_when_it_is_sung(embedded_stage: Stage, sung: SungLyrics) -> None:
    services = services_of(embedded_stage)
    give_notes(embedded_stage)
    await embedded_stage.start(song_id=PREPARED_ID)

    async def has_words() -> bool:
        song = services.catalogue.find(PREPARED_ID)
        assert song is not None
        return len(song.voices[0].reference.lyrics.words) == len(sung.onsets_s)

    await until(has_words)
    assert (await words_of(embedded_stage))["method"] == "syllables"


async def test_times_of_an_older_version_are_not_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(word_timing, "VERSION", "1")
        old = await task_of(await generate(stage))
        assert (await over(stage, old))["state"] == "done"
        await words_of(stage)
    missing = await stage.api.get(f"/api/lyrics/word-timestamps/{SOURCE_ID}")
    assert await problem(missing) == (404, "no-word-times")
    new = await task_of(await generate(stage))
    assert new != old
    assert (await over(stage, new))["state"] == "done"
    await words_of(stage)


async def test_whisper_asked_where_there_is_none_falls_back_and_says_so(embedded_stage: Stage) -> None:
    await over(embedded_stage, await task_of(await generate(embedded_stage, method="whisper")))
    assert (await words_of(embedded_stage))["method"] == "syllables"


async def test_a_song_with_written_notes_has_its_own_times(embedded_stage: Stage) -> None:
    found = await words_of(embedded_stage, f"song:{SONG_ID}")
    assert found["method"] == "notes"
    assert [word["text"] for word in found["words"]] == ["La", "la"]
    assert {word["certainty"] for word in found["words"]} == {1.0}


async def test_written_times_are_kept_as_the_files(embedded_stage: Stage) -> None:
    task_id = await task_of(await generate(embedded_stage, f"song:{SONG_ID}"))
    assert (await over(embedded_stage, task_id))["state"] == "done"
    before = [(word["text"], word["onset_s"]) for word in (await words_of(embedded_stage, f"song:{SONG_ID}"))["words"]]
    assert before == [("La", 0.0), ("la", 0.4)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"track_id": "youtube:unknown"}, (404, "no-track")),
        ({"track_id": "song:../../etc"}, (404, "no-track")),
        ({"track_id": ""}, (400, "bad-request")),
        ({"track_id": "x" * 201}, (400, "bad-request")),
        ({"track_id": SOURCE_ID, "method": "magic"}, (400, "bad-request")),
        ({}, (400, "bad-request")),
    ],
)
async def test_odd_wishes_are_refused(lonely_stage: Stage, body: dict[str, str], expected: tuple[int, str]) -> None:
    reply = await lonely_stage.api.post("/api/lyrics/word-timestamps/generate", json=body)
    assert await problem(reply) == expected


async def test_a_service_that_is_away_fails_the_task_and_it_can_be_asked_again(lonely_stage: Stage) -> None:
    task_id = await task_of(await generate(lonely_stage))
    failed = await over(lonely_stage, task_id)
    assert failed["state"] == "failed"
    assert failed["error"]["code"] == "service-failed"
    assert await task_of(await generate(lonely_stage)) == task_id
    assert (await over(lonely_stage, task_id))["state"] == "failed"


async def test_a_song_whose_stems_are_deleted_is_timed_by_its_contour(embedded_stage: Stage, sung: SungLyrics) -> None:
    for path in (embedded_stage.settings.data_dir / "stems" / HASH).iterdir():
        path.unlink()
    assert (await over(embedded_stage, await task_of(await generate(embedded_stage))))["state"] == "done"
    found = (await words_of(embedded_stage))["words"]
    errors = [abs(word["onset_s"] - truth) for word, truth in zip(found, sung.onsets_s, strict=True)]
    assert sorted(errors)[len(errors) // 2] < 0.15


async def test_a_task_whose_process_died_has_failed(lonely_stage: Stage) -> None:
    store = services_of(lonely_stage).word_timing.store
    task_id = "c" * 64
    await store.tell(WordTask(task_id, "running", 0.4))
    assert (await task(lonely_stage, task_id))["state"] == "running"
    await store.release(task_id)  # as when its process says nothing for ALIVE_S
    assert ALIVE_S <= 60
    failed = await task(lonely_stage, task_id)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "unavailable")


@pytest.mark.parametrize("task_id", ["d" * 64, "short", "D" * 64])
async def test_a_task_that_nobody_knows_is_not_found(lonely_stage: Stage, task_id: str) -> None:
    reply = await lonely_stage.api.get(f"/api/lyrics/word-timestamps/task/{task_id}")
    assert await problem(reply) == (404, "no-word-times")
