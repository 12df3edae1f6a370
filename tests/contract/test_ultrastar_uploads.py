"""A recording and its UltraStar text, brought together: the written notes are what is sung and judged."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.preparing_house import MIDIS, begin, form, pair, preparing_stage, until_state, upload
from tests.contract.signaling_stage import Stage, problem

HEADER = "#TITLE:Hé là\n#ARTIST:Les Essais\n#LANGUAGE:French\n#BPM:300\n#GAP:0\n"  # 20 beats a second
SYLLABLES = ("Hé", " toi", " par", "lons")


def song_text(semitones: int = 0, header: str = HEADER, last_beat: int = 80) -> str:
    """The notes of `pair`'s voice; every other one moved by `semitones`."""
    notes = [
        f": {20 * n + 2} 15 {midi - 60 + semitones * (n % 2)} {syllable}"
        for n, (midi, syllable) in enumerate(zip(MIDIS, SYLLABLES, strict=True))
    ]
    return header + "\n".join([*notes[:2], "- 39", *notes[2:], f"F {last_beat} 1 0 ~", "E"]) + "\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with preparing_stage(tmp_path) as stage:
        yield stage


async def sung(house: Stage, source_id: str) -> dict[str, Any]:
    session_id, token, _ = await begin(house.api, {"source": {"source_id": source_id}})
    await until_state(house.api, session_id, token, "created")
    reply = await house.api.get(f"/api/session/{session_id}/song", headers=token)
    assert reply.status == 200, await reply.text()
    found: dict[str, Any] = await reply.json()
    return found


def notes_of(song: dict[str, Any]) -> list[tuple[float, float]]:
    phrases = song["voices"][0]["reference"]["melody"]["phrases"]
    return [(round(note["onset_s"], 3), note["midi"]) for phrase in phrases for note in phrase["notes"]][: len(MIDIS)]


async def test_written_notes_and_words_are_sung_and_the_voice_agrees_with_them(house: Stage) -> None:
    song = await sung(house, await upload(house.api, pair(), title="", artist="", language="", lyrics=song_text()))
    assert (song["title"], song["artist"], song["language"]) == ("Hé là", "Les Essais", "fr")
    reference = song["voices"][0]["reference"]
    assert notes_of(song) == [(n + 0.1, midi) for n, midi in enumerate(MIDIS)]
    assert [phrase["text"] for phrase in reference["melody"]["phrases"]][:2] == ["Hé toi", "parlons"]
    words = [(word["text"], round(word["onset_s"], 3)) for word in reference["lyrics"]["words"]]
    assert words == [("Hé", 0.1), ("toi", 1.1), ("parlons", 2.1)]
    assert song["confidence"]["notes_agreement"] > 0.9
    assert not {"notes-differ", "no-lyrics"} & set(song["confidence"].get("remarks", []))


async def test_notes_that_the_voice_does_not_sing_stay_and_are_remarked(house: Stage) -> None:
    song = await sung(house, await upload(house.api, pair(), lyrics=song_text(semitones=3)))
    assert notes_of(song) == [(n + 0.1, midi + 3 * (n % 2)) for n, midi in enumerate(MIDIS)]
    assert song["confidence"]["notes_agreement"] == pytest.approx(0.5, abs=0.15)
    assert "notes-differ" in song["confidence"]["remarks"]


async def test_a_recording_with_its_notes_is_sung_where_nothing_can_split_it(house: Stage) -> None:
    mix = {"audio": pair()["vocals"]}
    song = await sung(house, await upload(house.api, mix, lyrics=song_text()))
    assert notes_of(song) == [(n + 0.1, midi) for n, midi in enumerate(MIDIS)]
    assert "confidence" not in song


async def test_other_notes_of_the_same_recording_are_another_song(house: Stage) -> None:
    first = await sung(house, await upload(house.api, pair(), lyrics=song_text()))
    other = await sung(house, await upload(house.api, pair(), lyrics=song_text(semitones=2)))
    found = await sung(house, await upload(house.api, pair(), lyrics=""))
    assert len({first["id"], other["id"], found["id"]}) == 3
    assert notes_of(first) != notes_of(other)
    assert "notes_agreement" not in found["confidence"]
    assert await sung(house, await upload(house.api, pair(), lyrics=song_text())) == first


@pytest.mark.parametrize("encoding", ["utf-16-le", "cp1252", "mac-roman"])
async def test_old_files_keep_their_accents(house: Stage, encoding: str) -> None:
    header = HEADER + "#ENCODING:mac-roman\n" if encoding == "mac-roman" else HEADER
    data = form(pair(), title="")
    data.add_field("lyrics", song_text(header=header).encode(encoding), filename="song.txt")
    async with house.api.post("/api/uploads", data=data) as reply:
        assert reply.status == 201, await reply.text()
        body = await reply.json()
    assert body["title"] == "Hé là"
    song = await sung(house, body["source_id"])
    assert song["voices"][0]["reference"]["melody"]["phrases"][0]["text"] == "Hé toi"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (song_text().replace(": 22 15", ": zwei 15"), "line 7: neither a note"),
        (HEADER + "E\n", "without a note"),
        (song_text(header=HEADER.replace("300", "soon")), "line 4: #BPM is not a number"),
        (song_text(last_beat=20 * 7), "ends at 4.5 s, the notes at 7.1"),
    ],
)
async def test_a_broken_song_is_refused_with_its_line_and_leaves_nothing(house: Stage, text: str, told: str) -> None:
    reply = await house.api.post("/api/uploads", data=form(pair(), title="x", lyrics=text))
    assert await problem(reply) == (400, "bad-request")
    assert told in (await reply.json())["detail"]
    assert list((house.settings.data_dir / "uploads").iterdir()) == []
