"""Words that are heard as they are sung: which of them count, and where in the song the singer is."""

import pytest

from inference.domain.line_words import WordState
from inference.domain.melody import Lyrics, Word
from inference.domain.streamed_words import AttendedWord, Whereabouts, fresh, hear_on, settled
from tests.support.nursery import ENGLISH, FRENCH

H, M, W = WordState.HEARD, WordState.MISSING, WordState.WRONG
States = dict[int, list[WordState | None]]


def lyrics(lines: tuple[str, ...] = FRENCH, language: str = "fr") -> Lyrics:
    """The times say nothing: all words are sung at once."""
    return Lyrics(language, tuple(Word(text, 0.0, 0.0, n) for n, line in enumerate(lines) for text in line.split()))


def attended(*words: tuple[str, float, float]) -> list[AttendedWord]:
    return [AttendedWord(*word) for word in words]


def told(*chunks: str, song: Lyrics | None = None, lost_before: int = -1) -> tuple[Whereabouts, States]:
    """The last that was told of each line, chunk by chunk."""
    song = song or lyrics()
    where, states = Whereabouts(tuple(sorted({word.phrase for word in song.words}))), States()
    for number, chunk in enumerate(chunks):
        where, lines = hear_on(song, where, chunk.split(), number == lost_before)
        states |= {line.phrase: list(line.states) for line in lines}
    return where, states


def test_only_words_of_sound_well_before_the_end_are_agreed() -> None:
    words = attended(("au", 0.0, 0.5), ("clair", 0.5, 1.0), ("de", 1.0, 1.3))
    assert [settled(words, heard_s, 0.3) for heard_s in (0.7, 0.8, 1.3, 1.6, 9.0)] == [0, 1, 2, 3, 3]


def test_what_comes_after_a_word_that_is_not_agreed_is_not_agreed_either() -> None:
    words = attended(("au", 0.0, 0.5), ("clair", 0.5, 2.0), ("de", 0.6, 0.7))
    assert settled(words, 2.1, 0.3) == 1


def test_an_agreed_word_is_not_told_twice() -> None:
    words = attended(("mon", 0.0, 0.4), ("ami", 0.4, 0.95), ("pierrot", 0.95, 1.5))
    assert [word.text for word in fresh(words, ("mon", "ami"), 0.65)] == ["pierrot"]
    assert [word.text for word in fresh(words, ("mon",), 0.4)] == ["ami", "pierrot"]


def test_a_word_that_is_sung_twice_is_told_twice() -> None:
    words = attended(("row", 0.0, 0.4), ("row", 0.6, 1.0))
    assert [word.text for word in fresh(words, ("row",), 0.4)] == ["row"]


def test_words_light_up_one_after_the_other_and_none_is_late() -> None:
    assert told("au clair")[1] == {0: [H, H, None, None, None]}
    assert told("au clair", "de la")[1] == {0: [H, H, H, H, None]}
    where, states = told("au clair", "de la lune mon", "ami pierrot")
    assert states == {0: [H] * 5, 1: [H] * 3}
    assert where.open_lines[0] == 1
    assert where.heard == ("mon", "ami", "pierrot")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_whole_song_is_found_however_its_words_come(language: str) -> None:
    lines = {"fr": FRENCH, "en": ENGLISH}[language]
    words = " ".join(lines).split()
    for size in (1, 2, 3, 7):
        chunks = [" ".join(words[place : place + size]) for place in range(0, len(words), size)]
        _, states = told(*chunks, song=lyrics(lines, language))
        assert states == {number: [H] * len(line.split()) for number, line in enumerate(lines)}


def test_a_wrong_word_and_a_word_that_is_left_out() -> None:
    _, states = told("au kiwi de la lune", "mon pierrot", "prête moi ta plume")
    assert states[0] == [H, W, H, H, H]
    assert states[1] == [H, M, H]


def test_a_line_that_is_left_out_is_missing_once_the_next_one_is_surely_sung() -> None:
    _, states = told("au clair de la lune", "mon ami pierrot", "pour")
    assert 2 not in states
    _, states = told("au clair de la lune", "mon ami pierrot", "pour écrire un mot")
    assert states[2] == [M] * 4
    assert states[3] == [H] * 4


def test_of_words_that_may_have_been_lost_nothing_is_said() -> None:
    chunks = "au clair de la lune", "pour écrire un mot", "ma chandelle", "je n'ai plus de feu"
    _, states = told(*chunks, lost_before=1)
    assert [M in states[line] for line in (0, 1, 2)] == [False] * 3
    assert states[3] == [H] * 4
    assert states[4] == [H, H, M, M]
    assert told(*chunks)[1][2] == [M] * 4


def test_another_song_is_not_found() -> None:
    _, states = told("il était un petit navire", "qui n'avait jamais navigué", "ohé ohé matelot")
    assert not any(H in line for line in states.values())


def test_what_is_said_between_lines_moves_nobody_on() -> None:
    where, states = told("au clair de la lune", "bonsoir à tous merci", "mon ami pierrot")
    assert states[1] == [H, H, H]
    assert where.open_lines[0] == 1


def test_a_refrain_that_comes_again_is_taken_for_the_next_one() -> None:
    song = lyrics(("au clair de la lune", "mon ami pierrot", "au clair de la lune", "ouvre moi ta porte"))
    _, states = told("au clair de la lune", song=song)
    assert states == {0: [H] * 5}
    _, states = told("au clair de la lune", "mon ami pierrot", "au clair de la lune", song=song)
    assert states == {0: [H] * 5, 1: [H] * 3, 2: [H] * 5}


def test_what_is_kept_of_a_singer_who_sings_something_else_is_bounded() -> None:
    where, _ = told(*["zorg blip fnord quux"] * 100)
    assert len(where.heard) <= 60
    where, states = hear_on(lyrics(), where, ["au", "clair", "de", "la", "lune", "mon", "ami", "pierrot"])
    assert [line.phrase for line in states] == [0, 1]
