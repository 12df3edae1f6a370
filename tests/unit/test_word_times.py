"""Times of known words: lines placed, words within lines, and whatever lyrics people bring."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.references import contour_song
from inference.analysis.word_times import MAX_WORDS, PreparedVoice, align_words
from inference.domain.line_places import LyricLine, place_lines
from inference.domain.word_times import LineWindow, SyllableTimer, VoiceEvents
from inference.errors import RequestError
from tests.support.sung_lyrics import SungLyrics, sung_lyrics

HOP_S = 0.01
NO_VOICE = PreparedVoice(song_pb2.Song(duration_s=60.0), None, False)
Reply = reference_pb2.AlignWordsReply
Line = reference_pb2.TimedLine


@pytest.fixture(scope="module")
def sung() -> SungLyrics:
    return sung_lyrics("en", 3, lines=6)


def solo(sung: SungLyrics) -> PreparedVoice:
    song = contour_song(sung.track, "synthetic")
    song.duration_s = sung.duration_s
    return PreparedVoice(song, sung.sound, True)


def events(spans_s: list[tuple[float, float]], seconds: float = 20.0) -> VoiceEvents:
    """Somebody who sings in these spans and begins nothing inside them."""
    activity, onsets = np.zeros(round(seconds / HOP_S)), np.zeros(round(seconds / HOP_S))
    for start_s, end_s in spans_s:
        activity[round(start_s / HOP_S) : round(end_s / HOP_S)] = 1.0
        onsets[round(start_s / HOP_S)] = 1.0
    return VoiceEvents(HOP_S, activity, onsets, True)


def timed(voice: PreparedVoice, lines: list[Line], language: str = "en", method: str = "syllables") -> Reply:
    request = reference_pb2.AlignWordsRequest(language=language, lines=lines, method=method)
    *fractions, last = align_words(request, voice, None, "no speech model")
    told = [event.fraction for event in fractions]
    assert told == sorted(told)
    assert all(0 <= fraction < 1 for fraction in told)
    return last.reply


def assert_sound(reply: Reply) -> None:
    """In order, finite, without overlap, each with its method and certainty."""
    words = reply.lyrics.words
    for word, following in zip(words, [*words[1:], None], strict=True):
        assert math.isfinite(word.onset_s)
        assert 0 <= word.onset_s <= word.offset_s
        assert following is None or word.offset_s <= following.onset_s + 1e-9
        assert word.timed_by in ("file", "whisper", "syllables")
        assert 0 <= word.certainty <= 1


def lines_of(sung: SungLyrics, has_onsets: bool) -> list[Line]:
    texts = [" ".join(word.text for word in line) for line in sung.lines]
    starts = [line[0].onset_s if has_onsets else None for line in sung.lines]
    return [Line(text=text, onset_s=start) for text, start in zip(texts, starts, strict=True)]


def errors_s(sung: SungLyrics, reply: Reply) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.abs(np.array([word.onset_s for word in reply.lyrics.words]) - sung.onsets_s)


@pytest.mark.parametrize("has_onsets", [True, False])
def test_words_lie_on_the_onsets_of_a_solo_voice(sung: SungLyrics, has_onsets: bool) -> None:
    reply = timed(solo(sung), lines_of(sung, has_onsets))
    assert_sound(reply)
    assert [word.text for word in reply.lyrics.words] == [word.text for line in sung.lines for word in line]
    assert np.median(errors_s(sung, reply)) < 0.08
    assert (errors_s(sung, reply) < 0.3).mean() > 0.7
    assert {word.timed_by for word in reply.lyrics.words} == {"syllables"}
    assert reply.method == "syllables"


def test_a_voice_brings_words_nearer_than_syllables_alone(sung: SungLyrics) -> None:
    lines = lines_of(sung, True)
    alone = errors_s(sung, timed(PreparedVoice(song_pb2.Song(duration_s=sung.duration_s), None, False), lines))
    assert np.median(errors_s(sung, timed(solo(sung), lines))) < 0.5 * np.median(alone)


def test_the_sure_words_are_right_more_often(sung: SungLyrics) -> None:
    replies = [timed(solo(sung), lines_of(sung, False)), timed(NO_VOICE, lines_of(sung, True))]
    certainty = np.array([word.certainty for reply in replies for word in reply.lyrics.words])
    near = np.concatenate([errors_s(sung, reply) for reply in replies])[np.argsort(certainty)] < 0.3
    third = len(near) // 3
    assert near[-third:].mean() > near[:third].mean()


def test_without_a_voice_long_words_take_longer() -> None:
    reply = timed(
        NO_VOICE, [Line(text="oh unbelievable oh", onset_s=10.0, offset_s=14.0), Line(text="end", onset_s=20.0)]
    )
    first, second, third = reply.lyrics.words[:3]
    assert first.onset_s == pytest.approx(10.0, abs=0.1)
    assert third.onset_s - second.onset_s > 2 * (second.onset_s - first.onset_s)


def test_plain_lines_are_laid_on_the_phrases_of_the_voice() -> None:
    voice = events([(2.0, 4.0), (6.0, 9.0), (12.0, 13.0)])
    lines = [
        LyricLine(("one", "little", "candle")),
        LyricLine(("over", "the", "mountain", "river")),
        LyricLine(("gone",)),
    ]
    starts = [window.onset_s for window in place_lines(lines, voice, 20.0, "en").windows]
    assert starts == pytest.approx([2.0, 6.0, 12.0], abs=0.05)


def test_what_is_sung_between_the_lines_is_left_out() -> None:
    voice = events([(1.0, 3.0), (5.0, 5.3), (8.0, 10.0)])
    lines = [LyricLine(("one", "little", "candle")), LyricLine(("over", "the", "river"))]
    starts = [window.onset_s for window in place_lines(lines, voice, 12.0, "en").windows]
    assert starts == pytest.approx([1.0, 8.0], abs=0.05)


def test_a_line_without_a_time_lies_between_its_neighbours() -> None:
    voice = events([(2.0, 4.0), (6.0, 8.0), (12.0, 14.0)])
    lines = [LyricLine(("one", "candle"), 2.0), LyricLine(("over", "there")), LyricLine(("gone", "away"), 12.0)]
    placed = place_lines(lines, voice, 20.0, "en")
    assert [window.onset_s for window in placed.windows] == pytest.approx([2.0, 6.0, 12.0], abs=0.05)
    assert [window.certainty == 1.0 for window in placed.windows] == [True, False, True]


def test_a_line_ends_where_the_voice_rests_and_not_at_the_next_line() -> None:
    voice = events([(2.0, 4.0), (15.0, 17.0)])
    lines = [LyricLine(("one", "little", "candle", "burning"), 2.0), LyricLine(("gone",), 15.0)]
    assert place_lines(lines, voice, 20.0, "en").windows[0].offset_s == pytest.approx(4.0, abs=0.1)


def test_a_word_ends_with_the_voice_and_not_at_the_next_word() -> None:
    voice = events([(2.0, 3.0), (5.0, 6.0)])
    window = LineWindow(0, ("one", "two"), 2.0, 6.0, 6.0, 1.0)
    first, second = SyllableTimer(voice).time_line(window, "en")
    assert second.onset_s == pytest.approx(5.0, abs=0.1)
    assert first.offset_s == pytest.approx(3.0, abs=0.1)


def test_times_that_cannot_be_are_left_out_and_told() -> None:
    lines = [
        Line(text="first line", onset_s=5.0),
        Line(text="second line", onset_s=8.0),
        Line(text="out of order", onset_s=2.0),
        Line(text="third line", onset_s=12.0),
        Line(text="beyond the song", onset_s=500.0),
        Line(text="no number", onset_s=math.nan),
    ]
    reply = timed(NO_VOICE, lines)
    assert_sound(reply)
    assert "3 lines had times that cannot be" in reply.reason
    assert max(word.onset_s for word in reply.lyrics.words) <= 60.0
    assert sum(word.certainty > 0.5 for word in reply.lyrics.words if word.phrase in (2, 4, 5)) == 0


def test_words_that_the_file_times_are_kept() -> None:
    words = [
        song_pb2.Word(text="Hello", onset_s=3.0, offset_s=3.4),
        song_pb2.Word(text="world", onset_s=3.5, offset_s=4.2),
    ]
    reply = timed(NO_VOICE, [Line(text="Hello world", onset_s=3.0, words=words), Line(text="and more", onset_s=8.0)])
    kept = [(word.onset_s, word.offset_s, word.timed_by) for word in reply.lyrics.words[:2]]
    assert kept == [(3.0, 3.4, "file"), (3.5, 4.2, "file")]
    assert [word.timed_by for word in reply.lyrics.words[2:]] == ["syllables", "syllables"]


def test_file_times_that_go_backwards_are_found_anew() -> None:
    words = [song_pb2.Word(text="Hello", onset_s=3.0), song_pb2.Word(text="world", onset_s=2.0)]
    reply = timed(NO_VOICE, [Line(text="Hello world", onset_s=3.0, words=words)])
    assert_sound(reply)
    assert {word.timed_by for word in reply.lyrics.words} == {"syllables"}


def test_written_notes_are_a_voice() -> None:
    notes = [song_pb2.Note(onset_s=at_s, offset_s=at_s + 0.4, midi=60) for at_s in (4.0, 6.0, 6.5)]
    phrase = song_pb2.Phrase(onset_s=4.0, offset_s=6.9, notes=notes)
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    song = song_pb2.Song(duration_s=20.0, voices=[song_pb2.Voice(reference=reference)])
    reply = timed(PreparedVoice(song, None, False), [Line(text="one two three", onset_s=4.0)])
    assert [word.onset_s for word in reply.lyrics.words] == pytest.approx([4.0, 6.0, 6.5], abs=0.06)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "月亮代表我的心"),
        ("ru", "Катюша выходила на берег"),
        ("ar", "مرحبا يا صديقي"),
        ("", "日本 and English"),
    ],
)
def test_lyrics_in_any_script_are_timed(language: str, text: str) -> None:
    reply = timed(NO_VOICE, [Line(text=text, onset_s=5.0), Line(text=text, onset_s=12.0)], language)
    assert_sound(reply)
    assert "".join(word.text for word in reply.lyrics.words if word.phrase == 0) == text.replace(" ", "")


def test_french_words_to_an_english_voice_get_times_all_the_same(sung: SungLyrics) -> None:
    lines = [Line(text="Sous le pont de la rivière"), Line(text="les bateaux s'en vont au loin")]
    reply = timed(solo(sung), lines, "fr")
    assert_sound(reply)
    assert len(reply.lyrics.words) == 13 - 1


def test_many_more_lines_than_the_voice_has_phrases_are_spread(sung: SungLyrics) -> None:
    reply = timed(solo(sung), [Line(text=f"line number {n}") for n in range(400)])
    assert_sound(reply)
    assert max(word.certainty for word in reply.lyrics.words) < 0.1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no words"),
        ([Line(text="")] * 3, "no words"),
        ([Line(text="... !")], "no words"),
        ([Line(text="la " * 100)] * 100, f"{MAX_WORDS} words"),
        ([Line(text="la")] * 1001, "lines"),
        ([Line(text="x" * 2000)], "characters"),
    ],
)
def test_lyrics_that_cannot_be_timed_are_refused(lines: list[Line], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        timed(NO_VOICE, lines)


@pytest.mark.parametrize(("language", "method"), [("en", "magic"), ("klingon please", "auto")])
def test_odd_requests_are_refused(language: str, method: str) -> None:
    with pytest.raises(RequestError):
        timed(NO_VOICE, [Line(text="la la")], language, method)


def test_empty_lines_between_others_change_no_line_number() -> None:
    lines = [Line(text="one"), Line(text=""), Line(text="  "), Line(text="two")]
    assert [word.phrase for word in timed(NO_VOICE, lines).lyrics.words] == [0, 3]


def test_asked_for_speech_where_there_is_none_the_reason_is_told() -> None:
    reply = timed(NO_VOICE, [Line(text="one two", onset_s=1.0)], method="whisper")
    assert (reply.method, reply.reason) == ("syllables", "no speech model")


@cache
def short_solo() -> PreparedVoice:
    return PreparedVoice(contour_song(sung_lyrics("en", 1, lines=1).track, "x"), None, True)


times = st.none() | st.floats(-10, 200) | st.sampled_from([math.nan, math.inf, -math.inf])
drawn = st.lists(st.tuples(st.text(max_size=30), times, times), max_size=12)


@settings(deadline=None, max_examples=50)  # the first voice compiles what finds its notes
@given(drawn, st.sampled_from(["fr", "en", "ja", ""]), st.booleans())
def test_any_lyrics_give_ordered_times_or_no_words(
    drawn: list[tuple[str, float | None, float | None]], language: str, has_voice: bool
) -> None:
    voice = short_solo() if has_voice else NO_VOICE
    lines = [Line(text=text, onset_s=onset_s, offset_s=offset_s) for text, onset_s, offset_s in drawn]
    if any(character.isalnum() for line in lines for character in line.text):
        assert_sound(timed(voice, lines, language))
    else:
        with pytest.raises(RequestError, match="no words"):
            timed(voice, lines, language)
