"""Words of lines whose times nobody knows, by the toy Whisper while they are sung."""

import logging
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from voicejury.v1 import live_pb2, song_pb2

from inference.analysis.following.follower import Followed
from inference.analysis.following.followers import Followers
from inference.analysis.following.hooks import SungLine, SungPiece
from inference.analysis.judging import rules_of
from inference.analysis.words.growing import LONGEST_S, Buffer
from inference.analysis.words.live import LiveWords
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.server import Address, ServerTier
from inference.analysis.words.streaming import StreamedWords
from inference.analysis.words.tiers import Attended, Samples, UnheardError
from inference.analysis.words.unplaced import stretches, unplaced_lines
from inference.analysis.words.whisper import WhisperTier
from inference.models.estimators import build_estimator
from tests.support.growing_spool import GrowingSpool
from tests.support.nursery import hummed, laid_out, nursery_song, said, word_places
from tests.unit.recordings import recording

HEARD, LATE, MISSING = live_pb2.WORD_STATE_HEARD, live_pb2.WORD_STATE_LATE, live_pb2.WORD_STATE_MISSING
PIECE = 3_200  # samples: the followers look for new ones five times a second
PATIENCE_S = 60.0


class WatchedWhisper(WhisperTier):
    """The toy, writing down how much sound it was given."""

    def __init__(self) -> None:
        super().__init__(recording("models/whisper-toy"), window_s=8.0)
        self.seconds: list[float] = []

    def attend(self, samples: Samples, language: str, budget_s: float) -> Attended:
        self.seconds.append(len(samples) / 16_000)
        return super().attend(samples, language, budget_s)


@pytest.fixture
def whisper() -> WatchedWhisper:
    return WatchedWhisper()


@cache
def timed(language: str = "fr") -> song_pb2.Song:
    return nursery_song(language)


@cache
def plain(language: str = "fr") -> song_pb2.Song:
    return laid_out(timed(language))


@cache
def voice(language: str = "fr") -> Samples:
    return said(timed(language))


def start_of(samples: Samples) -> Samples:
    """The first four lines."""
    return samples[: round(16_000 * (timed().voices[0].reference.melody.phrases[4].onset_s - 0.2))]


def pieces(
    song: song_pb2.Song, samples: Samples, lost: slice | None = None, playing: Callable[[float], bool] = lambda s: True
) -> list[SungPiece]:
    measured = np.ones(len(samples), np.bool_)
    if lost is not None:
        measured[lost] = False
    starts = range(0, len(samples), PIECE)
    return [
        SungPiece(
            "a", song, samples[start : start + PIECE] * measured[start : start + PIECE],
            measured[start : start + PIECE], start, start / 16_000 if playing(start / 16_000) else None,
            start + PIECE >= len(samples),
        )
        for start in starts
    ]  # fmt: skip


def listened(whisper: WhisperTier, sung: list[SungPiece]) -> list[live_pb2.LineWords]:
    streamed = StreamedWords(Recogniser([whisper]), build_estimator("tiny", 1))
    assert streamed.wants(sung[0].song)
    return [words for piece in sung for words in streamed.listen([piece])]


def last_states(told: list[live_pb2.LineWords], song: song_pb2.Song) -> list[int]:
    """Of all words of the song, as they were told last."""
    newest = {(words.phrase, word.word): int(word.state) for words in told for word in words.words}
    return [newest.get(place, 0) for place in word_places(song)]


def test_plain_lyrics_on_a_mix_have_no_known_times_and_others_have() -> None:
    assert stretches(timed()) == ()
    words = plain().voices[0].reference.lyrics.words
    assert unplaced_lines(plain()) == {word.phrase for word in words}
    assert [(one.start_s, one.end_s) for one in stretches(plain())] == [(-np.inf, np.inf)]


def test_lines_between_known_ones_are_sung_between_them() -> None:
    song = nursery_song("fr")
    for word in song.voices[0].reference.lyrics.words:
        if word.phrase in (1, 2, 5):
            word.timed_by, word.certainty = "syllables", 0.1
    phrases = song.voices[0].reference.melody.phrases
    assert [one.phrases for one in stretches(song)] == [(1, 2), (5,)]
    assert stretches(song)[0].start_s == phrases[0].offset_s
    assert stretches(song)[0].end_s == phrases[3].onset_s
    assert unplaced_lines(song_pb2.Song()) == frozenset()


@pytest.mark.parametrize(("language", "least"), [("fr", 0.75), ("en", 0.75)])
def test_most_words_light_up_in_their_order_and_none_is_late(
    whisper: WatchedWhisper, language: str, least: float
) -> None:
    song = plain(language)
    told = listened(whisper, pieces(song, voice(language)))
    states = last_states(told, song)
    assert np.mean([state == HEARD for state in states]) > least
    assert LATE not in [word.state for words in told for word in words.words]
    assert {words.recogniser for words in told} == {whisper.name}
    assert all(0 < word.certainty <= 1 for words in told for word in words.words)
    assert max(whisper.seconds) < LONGEST_S


def test_a_word_lights_up_soon_after_it_was_sung(whisper: WatchedWhisper) -> None:
    streamed = StreamedWords(Recogniser([whisper]), build_estimator("tiny", 1))
    lit_s: dict[tuple[int, int], float] = {}
    for piece in pieces(plain(), start_of(voice())):
        for words in streamed.listen([piece]):
            for word in words.words:
                if word.state == HEARD:
                    lit_s.setdefault((words.phrase, word.word), (piece.first_sample + PIECE) / 16_000)
    ends_s = dict(
        zip(word_places(plain()), (w.offset_s for w in timed().voices[0].reference.lyrics.words), strict=True)
    )
    delays_s = [at_s - ends_s[place] for place, at_s in lit_s.items()]
    assert np.median(delays_s) < 1.0
    assert min(delays_s) > -0.42  # not before it is sung


def test_silence_asks_nobody_and_a_hum_lights_little_up(whisper: WatchedWhisper) -> None:
    assert listened(whisper, pieces(plain(), np.zeros_like(voice()))) == []
    assert whisper.seconds == []
    told = listened(whisper, pieces(plain(), hummed(timed())))
    assert np.mean([state == HEARD for state in last_states(told, plain())]) < 0.2


def test_sound_that_never_arrived_makes_no_word_missing(whisper: WatchedWhisper) -> None:
    song, lines = plain(), timed().voices[0].reference.melody.phrases
    lost = slice(round(16_000 * (lines[2].onset_s - 0.5)), round(16_000 * (lines[3].offset_s + 0.5)))
    silent = voice().copy()
    silent[lost] = 0
    known, unknown = (last_states(listened(whisper, pieces(song, silent, gap)), song) for gap in (None, lost))
    assert known.count(MISSING) > 3
    assert unknown.count(MISSING) < known.count(MISSING) - 3


class BusyWhisper(WatchedWhisper):
    """Hears nobody while it is busy."""

    is_busy = False

    def attend(self, samples: Samples, language: str, budget_s: float) -> Attended:
        if self.is_busy:
            raise UnheardError("Whisper is busy with other lines")
        return super().attend(samples, language, budget_s)


def test_what_nobody_could_hear_makes_no_word_missing() -> None:
    song, lines, whisper = plain(), timed().voices[0].reference.melody.phrases, BusyWhisper()
    first, last = (round(16_000 * second) for second in (lines[2].onset_s - 0.3, lines[3].offset_s + 0.5))
    streamed = StreamedWords(Recogniser([whisper]), build_estimator("tiny", 1))
    told: list[live_pb2.LineWords] = []
    for piece in pieces(song, voice()):
        whisper.is_busy = first <= piece.first_sample < last
        told += streamed.listen([piece])
    unheard = [
        state for state, place in zip(last_states(told, song), word_places(song), strict=True) if place[0] in (2, 3)
    ]
    assert HEARD in last_states(told, song)
    assert MISSING not in unheard


def test_a_song_that_does_not_play_is_not_listened_to(whisper: WatchedWhisper) -> None:
    assert listened(whisper, pieces(plain(), start_of(voice()), playing=lambda second: False)) == []
    assert whisper.seconds == []


def test_pieces_that_waited_are_heard_in_one_go(whisper: WatchedWhisper) -> None:
    sung = pieces(plain(), voice())
    streamed = StreamedWords(Recogniser([whisper]), build_estimator("tiny", 1))
    told = [words for start in range(0, len(sung), 15) for words in streamed.listen(sung[start : start + 15])]
    assert len(whisper.seconds) < 25
    assert np.mean([state == HEARD for state in last_states(list(told), plain())]) > 0.6


def test_a_voice_without_a_pause_that_nobody_understands_is_kept_for_fifteen_seconds_at_most() -> None:
    buffer = Buffer(build_estimator("tiny", 1))
    second = np.arange(16_000) / 16_000
    tone = np.float32(0.2) * np.sum([np.sin(2 * np.pi * 220.0 * k * second) / k**2 for k in range(1, 6)], axis=0)
    longest_s = 0.0
    for _ in range(20):
        assert buffer.add(tone.astype(np.float32), np.ones(16_000, np.bool_))
        longest_s = max(longest_s, buffer.seconds)
    assert 14.0 < longest_s <= LONGEST_S
    assert buffer.take_missed()
    assert not buffer.take_missed()


def test_a_server_tells_no_attention_so_that_such_lines_have_no_live_words(caplog: pytest.LogCaptureFixture) -> None:
    server = ServerTier(Address("server", "http://127.0.0.1:9/v1", "small"), 1.0)
    streamed = StreamedWords(Recogniser([server]), build_estimator("tiny", 1))
    with caplog.at_level(logging.WARNING):
        assert not streamed.wants(plain())
        assert not streamed.wants(plain("en"))
    assert caplog.text.count("tells no attention") == 1


def test_a_guessed_cut_is_heard_for_the_judging_but_not_told(whisper: WatchedWhisper) -> None:
    asked = list[int]()
    live = LiveWords(Recogniser([whisper]), build_estimator("tiny", 1))
    for song in (timed(), plain()):
        first = timed().voices[0].reference.melody.phrases[0]
        cut = voice()[round(16_000 * (first.onset_s - 0.4)) : round(16_000 * (first.offset_s + 0.4))]
        line = SungLine(song.id + str(len(asked)), song, 0, cut, np.ones(len(cut), np.bool_), 0.6)
        asked.append(len(live.hear(line)))
    assert asked == [1, 0]
    hear = live._recogniser.hear(cut, "fr", 10.0)
    assert hear.text.startswith("au clair")


def test_words_are_told_while_a_take_is_followed(tmp_path: Path, whisper: WatchedWhisper) -> None:
    song, samples = plain("en"), voice("en")
    spool = GrowingSpool(tmp_path, "a", samples, np.ones(len(samples), np.bool_))
    told, over = list[live_pb2.LineWords](), list[bool]()
    recogniser, estimator = Recogniser([whisper]), build_estimator("tiny", 1)
    followers = Followers(
        tmp_path.as_uri(), estimator, 1, None, LiveWords(recogniser, estimator), StreamedWords(recogniser, estimator)
    )
    followers.follow(Followed("a", song, rules_of(0)), lambda words: told.append(words) if words else over.append(True))
    give_up = time.monotonic() + PATIENCE_S
    while spool.sung_s < len(samples) / 16_000 - 1.0:
        spool.sing(1.0)
        while followers._places["a"].follower.followed_s < spool.sung_s - 1.0:
            assert time.monotonic() < give_up
            time.sleep(0.02)
    spool.seal()
    while not over:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    followers.stop()
    assert np.mean([state == HEARD for state in last_states(told, song)]) > 0.5
