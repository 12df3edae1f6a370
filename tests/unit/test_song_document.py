"""The JSON of a song is that of the contract, however it is made."""

import json

import pytest
from voicejury.jsonform import message_dict
from voicejury.v1 import song_pb2

from signaling.songs import document
from signaling.songs.document import SongDocuments, song_dict, urls_of


def song(number: int = 0, contour: bool = True) -> song_pb2.Song:
    made = song_pb2.Song(id=f"air-{number}", title="Un été", cover_key="cover.jpg")
    for name in ("P1", "P2"):
        reference = made.voices.add(name=name).reference
        reference.melody.phrases.add(text="la").notes.add(midi=60.0, syllable="la")
        if contour and name == "P2":
            reference.contour.hop_s = 0.01
            reference.contour.f0_hz.extend([0.0, 220.1234567, 440.0])
            reference.contour.periodicity.extend([0.0, 0.98765, 1.0])
    return made


@pytest.mark.parametrize("contour", [False, True])
def test_the_fast_way_gives_what_the_slow_one_gives(contour: bool) -> None:
    made = song(contour=contour)
    slow, fast = message_dict(made), song_dict(made)
    if contour:
        slow_contour, fast_contour = (one["voices"][1]["reference"].pop("contour") for one in (slow, fast))
        assert fast_contour["f0_hz"] == [0.0, 220.123, 440.0]
        assert fast_contour["periodicity"] == pytest.approx(slow_contour["periodicity"], abs=1e-3)
        assert fast_contour["hop_s"] == slow_contour["hop_s"]
        assert len(made.voices[1].reference.contour.f0_hz) == 3  # the song itself is untouched
    assert fast == slow


def test_a_song_is_made_once_and_anew_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(one: song_pb2.Song) -> dict[str, object]:
        made.append(one.title)
        return song_dict(one)

    monkeypatch.setattr(document, "song_dict", counted)
    monkeypatch.setattr(document, "KEPT", 2)
    documents = SongDocuments()
    first = song()
    answers = [json.loads(documents.of(first)) for _ in range(3)]
    assert answers[0] == {**song_dict(first), **urls_of(first)}
    assert answers[0]["cover_url"] == "/api/songs/air-0/cover"
    assert len(made) == 1
    first.title = "Un autre"
    assert json.loads(documents.of(first))["title"] == "Un autre"
    for number in (1, 2):
        documents.of(song(number))
    documents.of(first)  # two others came since
    assert made == ["Un été", "Un autre", "Un été", "Un été", "Un autre"]
