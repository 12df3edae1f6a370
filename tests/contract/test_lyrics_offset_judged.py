"""The words that the singers moved, as the judges of a session get them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from voicejury.v1 import song_pb2

from signaling.lyrics.judged import as_judged
from signaling.services import SERVICES
from signaling.songs.catalogue import Catalogue
from tests.contract.signaling_stage import SONG_ID, Stage, signaling_stage

PREPARED_ID = "nobody-river"


@pytest.fixture
async def embedded_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with signaling_stage(tmp_path, "", "") as running:
        add_prepared_song(running)
        yield running


def add_prepared_song(stage: Stage) -> None:
    """Two notes found in a voice, and a line of LRCLIB with two timed words."""
    catalogue = Catalogue(stage.settings.data_dir)
    song = song_pb2.Song()
    song.CopyFrom(catalogue.find(SONG_ID) or song)
    files = {song.audio_key: stage.settings.data_dir / "songs" / SONG_ID / song.audio_key}
    song.id, song.source_id = PREPARED_ID, "upload:1"
    reference = song.voices[0].reference
    reference.lyrics.source = "lrclib"
    for word in reference.lyrics.words:
        word.timed_by = "syllables"
    catalogue.add(song, files)


async def move_words(stage: Stage, session_id: str, token: dict[str, str], offset_s: float) -> None:
    url = f"/api/session/{session_id}/lyrics-offset"
    assert (await stage.api.post(url, json={"offset_s": offset_s}, headers=token)).status == 200


def onsets_s(song: song_pb2.Song) -> list[float]:
    return [round(word.onset_s, 3) for word in song.voices[0].reference.lyrics.words]


def notes(song: song_pb2.Song) -> list[list[tuple[float, float]]]:
    phrases = song.voices[0].reference.melody.phrases
    return [[(note.onset_s, note.offset_s) for note in phrase.notes] for phrase in phrases]


async def judged_song(stage: Stage, session_id: str, token: dict[str, str]) -> song_pb2.Song:
    assert (await stage.api.post(f"/api/session/{session_id}/end", headers=token)).status == 202
    await stage.until_over(session_id, token)
    return stage.jury.asked[-1].song


async def test_both_judges_get_the_words_where_the_singers_moved_them(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start(song_id=PREPARED_ID, tempo=0.5)
    await move_words(embedded_stage, session_id, token, 0.25)
    assert (await embedded_stage.offer(session_id, token)).status == 200
    live = embedded_stage.media.offers[-1].song
    assert onsets_s(live) == [0.5, 1.3]  # 0 and 0.4 s of the recording, 0.25 s later, at half the tempo
    line = live.voices[0].reference.melody.phrases[0]
    assert (line.onset_s, line.offset_s) == pytest.approx((0.0, 2.1))
    assert notes(live) == [[(0.0, 0.8), (0.8, 1.6)]]
    assert onsets_s(await judged_song(embedded_stage, session_id, token)) == [0.5, 1.3]


async def test_nothing_moves_in_mid_take_and_the_next_session_has_it(embedded_stage: Stage) -> None:
    first, token = await embedded_stage.start(song_id=PREPARED_ID)
    await move_words(embedded_stage, first, token, 0.25)
    assert (await embedded_stage.offer(first, token)).status == 200
    await move_words(embedded_stage, first, token, 1.0)
    await embedded_stage.again()
    assert (await embedded_stage.offer(first, token, resume=True)).status == 200
    assert [onsets_s(offer.song) for offer in embedded_stage.media.offers] == [[0.25, 0.65]] * 2
    assert onsets_s(await judged_song(embedded_stage, first, token)) == [0.25, 0.65]
    second, token = await embedded_stage.start(song_id=PREPARED_ID)
    assert (await embedded_stage.offer(second, token)).status == 200
    assert onsets_s(embedded_stage.media.offers[-1].song) == [1.0, 1.4]


async def test_a_move_between_two_offers_counts_while_nobody_has_connected(embedded_stage: Stage) -> None:
    services = embedded_stage.api.app[SERVICES] if embedded_stage.api.app is not None else None
    assert services is not None
    session_id, token = await embedded_stage.start(song_id=PREPARED_ID)
    await move_words(embedded_stage, session_id, token, 0.25)
    assert await services.sessions.keep_song(session_id, await services.sessions.song_of(session_id))
    await move_words(embedded_stage, session_id, token, -0.1)
    assert (await embedded_stage.offer(session_id, token)).status == 200
    assert onsets_s(embedded_stage.media.offers[-1].song) == [0.0, 0.3]
    assert not await services.sessions.keep_song(session_id, song_pb2.Song())


async def test_the_page_moves_the_words_itself(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start(song_id=PREPARED_ID)
    await move_words(embedded_stage, session_id, token, 0.25)
    assert (await embedded_stage.offer(session_id, token)).status == 200
    url = f"/api/session/{session_id}"
    song = await (await embedded_stage.api.get(f"{url}/song", headers=token)).json()
    assert [word.get("onset_s", 0.0) for word in song["voices"][0]["reference"]["lyrics"]["words"]] == [0.0, 0.4]
    lyrics = await (await embedded_stage.api.get(f"{url}/lyrics", headers=token)).json()
    assert [word["onset_s"] for word in lyrics["lines"][0]["words"]] == pytest.approx([0.25, 0.65])


async def test_words_that_are_written_under_notes_stay_with_them(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    await move_words(embedded_stage, session_id, token, 0.25)
    assert (await embedded_stage.offer(session_id, token)).status == 200
    assert onsets_s(embedded_stage.media.offers[-1].song) == [0.0, 0.4]


@pytest.mark.parametrize("offset_s", [-10.0, -0.7, 0.7, 10.0])
def test_lines_stay_in_order_and_hold_their_notes(offset_s: float) -> None:
    song = song_pb2.Song(lyrics_offset_s=offset_s)
    reference = song.voices.add().reference
    reference.lyrics.source = "lrclib"
    for number, has_notes in enumerate([True, False, True, False]):
        line = reference.melody.phrases.add(onset_s=2.0 * number, offset_s=2.0 * number + 1.5, text="la")
        reference.lyrics.words.add(text="la", onset_s=line.onset_s, offset_s=line.offset_s, phrase=number)
        if has_notes:
            line.notes.add(onset_s=line.onset_s + 0.2, offset_s=line.offset_s - 0.2, midi=60)
    judged = as_judged(song).voices[0].reference
    lines = judged.melody.phrases
    assert [line.onset_s for line in lines] == sorted(line.onset_s for line in lines)
    for line in lines:
        assert 0.0 <= line.onset_s <= line.offset_s
        assert all(line.onset_s <= note.onset_s and note.offset_s <= line.offset_s for note in line.notes)
    assert [word.onset_s for word in judged.lyrics.words] == [max(2.0 * n + offset_s, 0.0) for n in range(4)]
    assert notes(as_judged(song)) == notes(song)
