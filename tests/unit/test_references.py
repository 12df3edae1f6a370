"""References: words laid on the lines of a song, and contours from outside that are no contour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voicejury.v1 import song_pb2

from inference.analysis.references import parse_song, read_reference, set_lyrics
from inference.domain.rules import ScoringRules
from inference.errors import SongError

RULES = ScoringRules()
HOP_S = 0.01


def solo(*lines_s: float) -> song_pb2.Song:
    """A voice on 220 Hz, a second of rest after each line."""
    f0_hz: list[float] = []
    for line_s in lines_s:
        f0_hz += [220.0] * round(line_s / HOP_S) + [0.0] * round(1 / HOP_S)
    return contour(f0_hz)


def contour(f0_hz: list[float], hop_s: float = HOP_S, first_s: float = 0.0) -> song_pb2.Song:
    track = song_pb2.PitchTrack(first_s=first_s, hop_s=hop_s, f0_hz=f0_hz, periodicity=[1.0] * len(f0_hz))
    return song_pb2.Song(voices=[song_pb2.Voice(reference=song_pb2.Reference(contour=track))])


def lines_of(song: song_pb2.Song) -> list[list[str]]:
    reference = song.voices[0].reference
    return [
        [word.text for word in reference.lyrics.words if word.phrase == number]
        for number in range(len(reference.melody.phrases))
    ]


def test_a_line_of_text_stands_on_each_line_that_was_sung() -> None:
    song = solo(1.0, 2.0)
    set_lyrics(song, ["one two three", "four"], RULES)
    assert lines_of(song) == [["one", "two", "three"], ["four"]]
    assert [phrase.text for phrase in song.voices[0].reference.melody.phrases] == ["one two three", "four"]
    word = song.voices[0].reference.lyrics.words[3]
    assert (word.onset_s, word.offset_s) == pytest.approx((2.0, 4.0), abs=0.05)


def test_text_in_other_lines_is_shared_out_by_length() -> None:
    song = solo(1.0, 2.0)
    set_lyrics(song, ["a b c", "d e f", "g h i"], RULES)
    assert lines_of(song) == [["a", "b", "c"], ["d", "e", "f", "g", "h", "i"]]


@given(
    st.lists(st.text("abc", min_size=1, max_size=3), max_size=40), st.lists(st.floats(0.3, 3.0), min_size=1, max_size=4)
)
def test_no_word_is_lost_or_doubled(words: list[str], lines_s: list[float]) -> None:
    song = solo(*lines_s)
    set_lyrics(song, [" ".join(words)], RULES)
    assert [word for line in lines_of(song) for word in line] == words


@pytest.mark.parametrize(
    ("song", "said"),
    [
        (contour([0.0] * 100), "no voiced frame"),
        (contour([220.0, 220.0]), "lasts long enough"),
        (contour([220.0] * 100, hop_s=float("nan")), "impossible"),
        (contour([220.0] * 100, first_s=float("inf")), "impossible"),
        (contour([220.0] * 100, hop_s=10.0), "impossible"),
        (contour([220.0, float("nan")]), "damaged"),
        (contour([220.0, -220.0]), "damaged"),
        (contour([220.0, 1e-30]), "damaged"),
        (song_pb2.Song(), "no voice to sing"),
        (song_pb2.Song(voices=[song_pb2.Voice()]), "no notes to sing against"),
    ],
)
def test_what_cannot_be_sung_against_is_refused(song: song_pb2.Song, said: str) -> None:
    with pytest.raises(SongError, match=said):
        read_reference(song, RULES)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"voices": 1}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_prepared_reference_is_refused(content: bytes) -> None:
    with pytest.raises(SongError, match="not a prepared reference"):
        parse_song(content, is_json=True)
