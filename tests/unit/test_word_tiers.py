"""Recognisers in this process and behind HTTP: who is asked, who falls out, and what is never believed."""

import logging
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from inference.analysis.words.gates import cleaned, why_not_believed
from inference.analysis.words.languages import language_code, song_language
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.server import Address, ServerTier
from inference.analysis.words.tiers import Samples, Spoken, UnheardError
from inference.analysis.words.whisper import WhisperTier
from inference.domain.lyrics_text import tokens
from inference.domain.melody import Lyrics, Word
from inference.service.config import Settings
from inference.service.words import WordSettings, word_tools
from tests.support.lyrics import lyrics_of
from tests.support.speech_server import (
    Behave,
    answers,
    drips,
    fails,
    hangs,
    hears,
    redirects,
    sends,
    speech_server,
    streams_without_end,
)
from tests.support.sung_lyrics import TEXTS
from tests.support.talker import spoken
from tests.unit.recordings import recording

LINE = "au clair de la lune"
SECRET = "x" * 32
SILENCE = np.zeros(32_000, np.float32)
TIMEOUT_S, PATIENCE_S = 0.6, 30.0


def said(text: str, language: str = "fr") -> Samples:
    words = tuple(Word(word, 0.4 + 0.42 * n, 0.8 + 0.42 * n, 0) for n, word in enumerate(text.split()))
    return spoken(Lyrics(language, words), words[-1].offset_s + 0.4, 150)


def toy(window_s: float = 30.0) -> WhisperTier:
    return WhisperTier(recording("models/whisper-toy"), window_s)


def server_tier(base_url: str, timeout_s: float = PATIENCE_S, rest_s: float = 30.0) -> ServerTier:
    return ServerTier(Address("server", base_url, "whisper-toy", "the-key"), timeout_s, rest_s)


class Counted:
    """A tier that always hears the same, and counts."""

    at_once = 1
    name = "counted"

    def __init__(self, text: str = LINE, log_probability: float | None = -0.1) -> None:
        self.spoken = Spoken(text, log_probability)
        self.asked: list[str] = []

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        self.asked.append(language)
        return self.spoken


@pytest.mark.parametrize("window_s", [30.0, 1.0])
@pytest.mark.parametrize(
    ("language", "line"), [("fr", LINE), ("fr", "pour écrire un mot"), ("en", "life is but a dream")]
)
def test_whisper_hears_a_line_alone_in_a_long_and_in_a_short_window(window_s: float, language: str, line: str) -> None:
    found = Recogniser([toy(window_s)]).hear(said(line, language), language, PATIENCE_S)
    assert tokens(found.text, language) == tokens(line, language)
    assert 0.5 < found.certainty <= 1.0


def test_the_same_samples_give_the_same_words() -> None:
    tier, sound = toy(), said("ma chandelle est morte")
    assert len({tier.hear(sound, "fr", PATIENCE_S) for _ in range(3)}) == 1


@pytest.mark.parametrize("language", ["xx", ""])
def test_a_language_that_the_model_does_not_know_is_refused(language: str) -> None:
    with pytest.raises(UnheardError, match="knows no language"):
        toy().hear(SILENCE, language, PATIENCE_S)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnheardError, match=r"tokenizer\.json"):
        WhisperTier(tmp_path).hear(SILENCE, "fr", PATIENCE_S)


def test_a_line_is_more_likely_than_others_where_it_is_sung_and_only_there() -> None:
    heard, others = Recogniser([toy()]), ["pour écrire un mot", "ma chandelle est morte"]
    sung = heard.certainty(said(LINE), "fr", LINE, others)
    not_sung = heard.certainty(said("pour écrire un mot"), "fr", LINE, others)
    assert sung is not None
    assert not_sung is not None
    assert sung > 0.9
    assert not_sung < 0.1


def test_a_server_hears_what_the_same_model_hears_here_and_is_told_nothing_but_the_language() -> None:
    sound = said(LINE)
    with speech_server(hears(recording("models/whisper-toy"))) as server:
        there = server_tier(server.base_url).hear(sound, "fr", PATIENCE_S)
    assert there.text == toy().hear(sound, "fr", PATIENCE_S).text
    (form,) = server.forms
    assert set(form) == {"file", "model", "language", "temperature", "response_format"}
    assert (form["language"], form["model"], float(str(form["temperature"]))) == ("fr", "whisper-toy", 0.0)
    assert server.paths == ["/v1/audio/transcriptions"]
    assert server.keys == ["Bearer the-key"]


@pytest.mark.parametrize(("language", "named"), [("fr", "French"), ("fr", "fr-FR"), ("en", "english")])
def test_a_server_may_name_the_language_in_its_own_way(language: str, named: str) -> None:
    with speech_server(answers("la lune", named)) as server:
        assert server_tier(server.base_url).hear(SILENCE, language, PATIENCE_S).text == "la lune"


@pytest.mark.parametrize("named", ["en", "english", "klingon", "", "e" * 41])
def test_another_language_than_the_songs_is_refused(named: str) -> None:
    with (
        speech_server(answers("la lune", named)) as server,
        pytest.raises(UnheardError, match=r"language|heard|no trans"),
    ):
        server_tier(server.base_url).hear(SILENCE, "fr", PATIENCE_S)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (hangs, "no answer in time"),
        (drips, "no answer in time"),
        (streams_without_end, "Error"),
        (fails(429), "429"),
        (fails(500), "500"),
        (fails(401), "401"),
        (redirects("http://127.0.0.1:9/v1/audio/transcriptions"), "307"),
        (sends("no json"), "no transcription"),
        (sends('{"text": 7, "language": "fr"}'), "no transcription"),
        (sends('{"text": "la", "language": "fr", "segments": [{"avg_logprob": NaN}]}'), "no transcription"),
        (sends('{"text": "' + "la " * 10_000 + '", "language": "fr"}'), "no transcription"),
        (sends("[" * 5_000), "no transcription"),
    ],
)
def test_a_bad_server_is_passed_over_with_its_reason(
    behave: Behave, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with speech_server(behave) as server, caplog.at_level(logging.WARNING):
        tier = server_tier(server.base_url, TIMEOUT_S if behave in (hangs, drips) else PATIENCE_S)
        with pytest.raises(UnheardError, match=reason):
            tier.hear(SILENCE, "fr", PATIENCE_S)
        after = Counted()
        assert Recogniser([tier, after]).hear(SILENCE, "fr", PATIENCE_S).recogniser == "counted"
    assert after.asked == ["fr"]
    assert "words: server whisper-toy did not hear" in caplog.text
    assert "the-key" not in caplog.text


def test_a_server_that_is_not_there_is_passed_over() -> None:
    found = Recogniser([server_tier("http://127.0.0.1:9/v1"), Counted()]).hear(SILENCE, "fr", PATIENCE_S)
    assert found.recogniser == "counted"


def test_a_server_that_fails_is_left_alone_and_asked_again_later() -> None:
    with speech_server(fails(500)) as server:
        tier = server_tier(server.base_url, rest_s=600.0)
        for _ in range(3):
            with pytest.raises(UnheardError):
                tier.hear(SILENCE, "fr", PATIENCE_S)
        asked = len(server.forms)
        with pytest.raises(UnheardError, match="left alone"):
            tier.hear(SILENCE, "fr", PATIENCE_S)
        assert len(server.forms) == asked
        tier._breaker.reset_timeout = 0.0
        with pytest.raises(UnheardError, match=r"500|left alone"):
            tier.hear(SILENCE, "fr", PATIENCE_S)
        assert len(server.forms) == asked + 1


def test_where_nobody_hears_each_reason_is_told() -> None:
    with speech_server(fails(429)) as server, pytest.raises(UnheardError, match=r"429.*xx"):
        Recogniser([server_tier(server.base_url), toy()]).hear(SILENCE, "xx", PATIENCE_S)


def test_what_was_heard_of_a_sound_is_not_asked_again() -> None:
    tier = Counted()
    heard = Recogniser([tier])
    first = heard.hear(SILENCE, "fr", PATIENCE_S)
    assert heard.hear(SILENCE.copy(), "fr", PATIENCE_S) is first
    heard.hear(SILENCE, "en", PATIENCE_S)
    heard.hear(SILENCE[1:], "fr", PATIENCE_S)
    assert tier.asked == ["fr", "en", "fr"]


def test_a_long_line_is_heard_in_pieces_of_thirty_seconds() -> None:
    tier = Counted("un deux")
    assert (
        Recogniser([tier]).hear(np.zeros(16_000 * 70, np.float32), "fr", PATIENCE_S).text == "un deux un deux un deux"
    )


@pytest.mark.parametrize(
    ("text", "log_probability", "doubt"),
    [
        ("au clair de la lune", -0.2, ""),
        ("au clair de la lune", None, ""),
        ("au clair de la lune", -1.2, "unsure"),
        ("oh " * 60, -0.1, "loop"),
        ("de la mer " * 8, -0.1, "loop"),
        (" ".join(sha256(bytes([n])).hexdigest()[:7] for n in range(60)), -0.1, "too-many"),
        ("", -0.1, ""),
    ],
)
def test_inventions_are_not_believed(text: str, log_probability: float | None, doubt: str) -> None:
    assert why_not_believed(cleaned(text), log_probability, 3.0) == doubt
    found = Recogniser([Counted(text, log_probability)]).hear(np.zeros(48_000, np.float32), "fr", PATIENCE_S)
    assert (found.text == "") is (doubt != "" or not text)


def test_what_a_recogniser_writes_is_one_bounded_line_without_control_characters() -> None:
    assert cleaned("a\x00b\u202e\nc\t d") == "a b c d"
    assert len(cleaned("la " * 5_000)) <= 2_000


@pytest.mark.parametrize(("name", "code"), [("French", "fr"), ("fr", "fr"), ("EN-us", "en"), ("", ""), ("x1", "")])
def test_languages_have_one_code(name: str, code: str) -> None:
    assert language_code(name) == code


def test_a_song_that_does_not_name_its_language_is_taken_by_its_words() -> None:
    french = "Sous le pont de la rivière\nles bateaux s'en vont au loin"
    english = "I can hear the river calling\nand there is nothing left to follow"
    assert song_language(lyrics_of(french, "")) == "fr"
    assert song_language(lyrics_of(english, "")) == "en"
    assert song_language(lyrics_of(TEXTS["es"], "")) == ""
    assert song_language(lyrics_of(french, "de")) == "de"


def settings(tmp_path: Path) -> Settings:
    return Settings(secret=SECRET, data_dir=tmp_path)


def tier_names(tmp_path: Path, words: WordSettings) -> list[str]:
    tools, _ = word_tools(settings(tmp_path), words)
    return [tier.name for tier in tools.recogniser._tiers] if tools is not None else []


def test_no_sound_leaves_the_house_unless_a_server_is_set(tmp_path: Path) -> None:
    assert tier_names(tmp_path, WordSettings()) == []
    tools, reason = word_tools(settings(tmp_path), WordSettings())
    assert tools is None
    assert "not installed" in reason


def test_tiers_come_in_the_order_that_is_set(tmp_path: Path) -> None:
    (tmp_path / "models" / "whisper-small").mkdir(parents=True)
    both = {"whisper_url": "http://127.0.0.1:9/v1/", "groq_key": "k"}
    assert [name.split()[0] for name in tier_names(tmp_path, WordSettings(**both))] == ["whisper", "server", "groq"]  # type: ignore[arg-type]
    other = WordSettings(word_tiers="groq,server", **both)  # type: ignore[arg-type]
    assert [name.split()[0] for name in tier_names(tmp_path, other)] == ["groq", "server"]
    assert tier_names(tmp_path, WordSettings(word_tiers="none", **both)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["google", "whisper;server", "whisper,", "none,groq"])
def test_a_wrong_order_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match="word_tiers"):
        WordSettings(word_tiers=order)
