"""Whisper's attention on lines that the toy model knows, and what it must not be believed on."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.word_times import PreparedVoice, align_words
from inference.domain.melody import Lyrics, Word
from inference.domain.word_times import LineWindow
from inference.errors import ModelMissingError
from inference.models.whisper_align import WhisperAligner, WhisperTimer
from tests.support.channel import Samples
from tests.support.talker import spoken
from tests.unit.recordings import recording

TWINKLE = "twinkle twinkle little star how i wonder what you are"
CLAIR = "au clair de la lune mon ami pierrot"
WORD_S = 0.42
FIRST_S = 0.5


@cache
def aligner() -> WhisperAligner:
    return WhisperAligner(recording("models/whisper-toy"))


def onsets_s(text: str) -> list[float]:
    return [FIRST_S + WORD_S * place for place in range(len(text.split()))]


def said(text: str, language: str) -> Samples:
    words = tuple(
        Word(word, onset_s, onset_s + WORD_S, 0) for word, onset_s in zip(text.split(), onsets_s(text), strict=True)
    )
    return spoken(Lyrics(language, words), onsets_s(text)[-1] + 1.5, 150)


def window(text: str) -> LineWindow:
    end_s = onsets_s(text)[-1] + WORD_S
    return LineWindow(0, tuple(text.split()), FIRST_S, end_s, end_s, 1.0)


def listening_to(sound: Samples) -> WhisperTimer:
    return aligner().listen(sound)


@pytest.mark.parametrize(("language", "text"), [("en", TWINKLE), ("fr", CLAIR)])
def test_a_spoken_line_is_followed_word_by_word(language: str, text: str) -> None:
    found = listening_to(said(text, language)).time_line(window(text), language)
    assert found is not None
    assert [word.text for word in found] == text.split()
    assert {word.timed_by for word in found} == {"whisper"}
    errors = np.abs(np.array([word.onset_s for word in found]) - onsets_s(text))
    assert np.median(errors) < 0.2
    assert all(0 < word.certainty < 1 for word in found)


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_a_famous_line_is_not_found_in_silence_or_noise(level: float) -> None:
    noise = np.asarray(level * np.random.default_rng(1).standard_normal(80_000), np.float32)
    assert listening_to(noise).time_line(window(CLAIR), "fr") is None


def test_other_words_than_those_that_are_sung_are_not_found() -> None:
    assert (
        listening_to(said(CLAIR, "fr")).time_line(window("sonnez les matines dormez vous ding dang dong"), "fr") is None
    )


@pytest.mark.parametrize("language", ["", "xx"])
def test_without_a_language_that_it_knows_nothing_is_claimed(language: str) -> None:
    assert listening_to(said(CLAIR, "fr")).time_line(window(CLAIR), language) is None


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"model\.bin"):
        WhisperAligner(tmp_path).listen(np.zeros(16_000, np.float32))


def test_each_line_is_timed_by_what_can_be_believed_of_it() -> None:
    """The first line is spoken, the second is not: it falls back, and the reply says so."""
    sound = np.concatenate([said(CLAIR, "fr"), np.zeros(64_000, np.float32)])
    end_s = len(sound) / 16_000
    request = reference_pb2.AlignWordsRequest(language="fr", method="auto")
    request.lines.add(text="Au clair de la lune, mon ami Pierrot".lower().replace(",", ""), onset_s=FIRST_S)
    request.lines.add(text="ma chandelle est morte", onset_s=end_s - 3.5)
    voice = PreparedVoice(song_pb2.Song(duration_s=end_s), sound, True)
    *_, last = align_words(request, voice, aligner().listen, "")
    by_line = {word.phrase: word.timed_by for word in last.reply.lyrics.words}
    assert by_line == {0: "whisper", 1: "syllables"}
    assert last.reply.method == "whisper"
    assert last.reply.reason == "speech could not be followed in 1 of 2 lines"
    assert (last.reply.listened_lines, last.reply.followed_lines) == (2, 1)


@pytest.mark.parametrize(("language", "onset_s", "listened"), [("fr", FIRST_S, 1), ("xx", FIRST_S, 0), ("fr", None, 0)])
def test_words_are_only_missed_where_they_are_known_to_be_and_in_a_known_language(
    language: str, onset_s: float | None, listened: int
) -> None:
    request = reference_pb2.AlignWordsRequest(language=language, method="auto")
    request.lines.add(text="sonnez les matines dormez vous ding dang dong", onset_s=onset_s)
    sound = said(CLAIR, "fr")
    voice = PreparedVoice(song_pb2.Song(duration_s=len(sound) / 16_000), sound, True)
    *_, last = align_words(request, voice, aligner().listen, "")
    assert (last.reply.listened_lines, last.reply.followed_lines) == (listened, 0)


def test_a_missing_model_falls_back_with_its_reason(tmp_path: Path) -> None:
    request = reference_pb2.AlignWordsRequest(language="fr", lines=[reference_pb2.TimedLine(text=CLAIR, onset_s=0.5)])
    voice = PreparedVoice(song_pb2.Song(duration_s=5.0), np.zeros(80_000, np.float32), True)
    *_, last = align_words(request, voice, WhisperAligner(tmp_path).listen, "")
    assert last.reply.method == "syllables"
    assert "model.bin" in last.reply.reason
