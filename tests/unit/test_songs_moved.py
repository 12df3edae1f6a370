"""A song moved in key and tempo: the same music, elsewhere."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voicejury.v1 import song_pb2

from signaling.songs.moved import KEYS, moved, moved_key

seconds = st.floats(0, 1200)
shifts = st.one_of(st.integers(-12, 12).map(float), st.floats(-12, 12))
tempos = st.floats(0.5, 1.5)


@st.composite
def songs(draw: st.DrawFn) -> song_pb2.Song:
    song = song_pb2.Song(
        id="air", duration_s=draw(st.floats(1, 1200)), key=draw(st.sampled_from(["", "C", "A#m", "F#", "Em"]))
    )
    song.lowest_midi, song.highest_midi = 40.0, 70.0
    reference = song.voices.add(name="P1").reference
    for _ in range(draw(st.integers(0, 3))):
        onset_s = draw(seconds)
        phrase = reference.melody.phrases.add(onset_s=onset_s, offset_s=onset_s + 2, text="la")
        phrase.notes.add(onset_s=onset_s, offset_s=onset_s + 1, midi=draw(st.floats(30, 90)), syllable="la")
        reference.lyrics.words.add(text="la", onset_s=onset_s, offset_s=onset_s + 1)
    f0_hz = draw(st.lists(st.one_of(st.just(0.0), st.floats(50, 1000, width=32)), max_size=5))
    reference.contour.hop_s, reference.contour.first_s = 0.01, draw(seconds)
    reference.contour.f0_hz.extend(f0_hz)
    return song


@given(songs())
def test_a_song_that_is_not_moved_stays_as_it_is(song: song_pb2.Song) -> None:
    assert moved(song, 0, 1) == song


@given(songs(), shifts, tempos)
def test_every_time_is_divided_by_the_tempo_and_every_pitch_moved_alike(
    song: song_pb2.Song, shift: float, tempo: float
) -> None:
    before = song.SerializeToString(deterministic=True)
    new = moved(song, shift, tempo)
    assert song.SerializeToString(deterministic=True) == before  # the original is untouched
    assert new.duration_s == pytest.approx(song.duration_s / tempo)
    old_reference, new_reference = song.voices[0].reference, new.voices[0].reference
    for old, fresh in zip(old_reference.melody.phrases, new_reference.melody.phrases, strict=True):
        assert fresh.offset_s == pytest.approx(old.offset_s / tempo)
        assert fresh.notes[0].onset_s == pytest.approx(old.notes[0].onset_s / tempo)
        assert fresh.notes[0].midi - old.notes[0].midi == pytest.approx(shift, abs=1e-9)
    for old_word, word in zip(old_reference.lyrics.words, new_reference.lyrics.words, strict=True):
        assert word.onset_s == pytest.approx(old_word.onset_s / tempo)
    assert new.lowest_midi == pytest.approx(40 + shift)
    assert new.highest_midi - new.lowest_midi == pytest.approx(30)
    for old_hz, new_hz in zip(old_reference.contour.f0_hz, new_reference.contour.f0_hz, strict=True):
        if old_hz == 0:
            assert new_hz == 0
        else:
            assert 12 * math.log2(new_hz / old_hz) == pytest.approx(shift, abs=1e-4)
    assert new_reference.contour.hop_s == pytest.approx(0.01 / tempo)


@given(songs(), st.integers(-12, 12), tempos)
def test_moving_back_gives_the_song_again(song: song_pb2.Song, shift: int, tempo: float) -> None:
    back = moved(moved(song, shift, tempo), -shift, 1 / tempo)
    assert back.key == song.key
    assert back.duration_s == pytest.approx(song.duration_s)
    assert back.key_shift_semitones == 0
    assert (back.tempo or 1) == pytest.approx(1)
    for old, fresh in zip(
        song.voices[0].reference.melody.phrases, back.voices[0].reference.melody.phrases, strict=True
    ):
        assert fresh.onset_s == pytest.approx(old.onset_s)
        assert fresh.notes[0].midi == pytest.approx(old.notes[0].midi)


@given(st.sampled_from([*KEYS, *(f"{key}m" for key in KEYS)]))
def test_an_octave_keeps_the_name_of_the_key(key: str) -> None:
    assert moved_key(key, 12) == moved_key(key, -12) == key


def test_keys_are_named_in_sharps() -> None:
    assert moved_key("C", 1) == "C#"
    assert moved_key("Am", 3) == "Cm"
    assert moved_key("B", 1.4) == "C"
    assert moved_key("H", 1) == moved_key("E#", 1) == moved_key("", 2) == ""


@pytest.mark.parametrize("tempo", [0.0, -1.0, math.nan, math.inf])
def test_a_tempo_that_is_none_is_refused(tempo: float) -> None:
    with pytest.raises(ValueError, match="tempo"):
        moved(song_pb2.Song(), 0, tempo)
