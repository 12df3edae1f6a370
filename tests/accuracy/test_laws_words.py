"""The laws of a fair score, for words; docs/scoring.md tells the method."""

import re
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from inference.contract import song_lyrics
from inference.domain.losses import lost_points
from inference.domain.lyrics_score import score_lyrics
from inference.domain.melody import Lyrics, Word
from inference.domain.take_score import Heard, Written, score_take
from signaling.songs.ultrastar import load_ultrastar
from tests.support.lyrics import RULES, points
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import Singer, sing, tune

FRENCH = """Au clair de la lune, mon ami Pierrot,
Prête-moi ta plume pour écrire un mot.
Ma chandelle est morte, je n’ai plus de feu,
Ouvre-moi ta porte, pour l’amour de Dieu.
Au clair de la lune, Pierrot répondit :
Je n’ai pas de plume, je suis dans mon lit.
Va chez la voisine, je crois qu’elle y est,
Car dans sa cuisine on bat le briquet."""
OTHER_FRENCH = """À la claire fontaine m’en allant promener,
J’ai trouvé l’eau si belle que je m’y suis baignée.
Il y a longtemps que je t’aime, jamais je ne t’oublierai.
Sous les feuilles d’un chêne je me suis fait sécher,
Sur la plus haute branche un rossignol chantait.
Chante, rossignol, chante, toi qui as le cœur gai,
Tu as le cœur à rire, moi je l’ai à pleurer."""
ENGLISH = """Amazing grace, how sweet the sound
That saved a wretch like me
I once was lost, but now I'm found
Was blind, but now I see
'Twas grace that taught my heart to fear
And grace my fears relieved"""
SONGS = {"fr": FRENCH, "en": ENGLISH}


@pytest.mark.parametrize("language", SONGS)
def test_the_words_as_written_are_worth_100_whatever_their_typography(language: str) -> None:
    song = SONGS[language]
    assert points(song, song, language) == 100
    assert points(song, song.upper().replace("’", "'").replace(",", " —").replace("\n", " "), language) == 100


def test_a_missing_accent_costs_nothing() -> None:
    assert points(FRENCH, FRENCH.replace("é", "e").replace("ê", "e")) == 100


@pytest.mark.parametrize("language", SONGS)
@pytest.mark.parametrize("wrong", ["", "kiwi"])
@pytest.mark.parametrize("seed", [5, 6, 7, 8])
def test_each_further_wrong_or_missing_word_lowers_the_score(language: str, wrong: str, seed: int) -> None:
    words = re.findall(r"\S*\w\S*", SONGS[language])
    order = np.random.default_rng(seed).permutation(len(words)).tolist()
    earned = []
    for count in range(len(words) + 1):
        gone = set(order[:count])
        heard = " ".join(wrong if place in gone else word for place, word in enumerate(words))
        earned.append(points(SONGS[language], heard, language) or 0.0)
    assert earned[0] == 100
    assert earned[-1] == 0
    assert all(later <= earlier for earlier, later in pairwise(earned))
    assert all(later < earlier for earlier, later in pairwise(earned) if later >= 20)  # below, "de" alone is luck


@pytest.mark.parametrize("language", SONGS)
def test_half_the_words_are_worth_about_half(language: str) -> None:
    words = SONGS[language].split()
    assert 45 <= (points(SONGS[language], " ".join(words[: len(words) // 2]), language) or 0.0) <= 55
    assert 40 <= (points(SONGS[language], " ".join(words[::2]), language) or 0.0) <= 60


@pytest.mark.parametrize("language", SONGS)
@pytest.mark.parametrize(
    "heard",
    [
        "",
        "Thank you for watching!",
        "Thank you for watching. " * 30,
        "Merci d'avoir regardé cette vidéo !",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Hmm, hmm, la la la la la, oh yeah.",
        "de la de la de la de la",
        "you",
        "the the the the the the the the the the the the",
    ],
)
def test_humming_and_what_a_recogniser_invents_are_worth_nothing(language: str, heard: str) -> None:
    assert points(SONGS[language], heard, language) == 0


def test_the_words_of_another_french_song_are_worth_little() -> None:
    assert points(FRENCH, OTHER_FRENCH) == 0
    assert points(OTHER_FRENCH, FRENCH) == 0


def test_the_words_of_other_songs_are_worth_ten_at_most_on_average() -> None:
    songs = english_songs()
    assert len(songs) >= 6
    earned = []
    for written, sung in permutations(songs, 2):
        words = [word.text for word in sung.words[: len(written.words)]]
        found = score_lyrics(written, " ".join(words), frozenset(), RULES)
        assert found is not None
        earned.append(found.points)
    assert np.mean(earned) <= 10
    assert np.percentile(earned, 95) <= 20


LINE = "au clair de la lune mon ami pierrot prête moi ta plume pour écrire un mot"
HEARD = {
    "all words and many more": " ".join(f"{word} kiwi" for word in LINE.split()),
    "every third word another": " ".join("kiwi" if n % 3 == 2 else word for n, word in enumerate(LINE.split())),
    "half of it": " ".join(LINE.split()[:8]),
}


@pytest.mark.parametrize("how", HEARD)
def test_every_lost_point_of_the_words_belongs_to_a_line_and_a_word(how: str) -> None:
    melody = tune(0, 20.0)
    first, last = melody.phrases[0], melody.phrases[-1]
    words = tuple(
        Word(word, phrase.onset_s, phrase.offset_s, number)
        for half, phrase, number in ((0, first, 0), (8, last, len(melody.phrases) - 1))
        for word in LINE.split()[half : half + 8]
    )
    lyrics, heard = Lyrics("fr", words), Heard(HEARD[how], "")
    track = sing(melody, Singer())
    take = score_take(Written(melody, lyrics, None), track, track.times_s, heard, RULES)
    assert take.lyrics is not None
    assert take.total is not None
    losses = [loss for loss in lost_points(take, RULES) if loss.part == "lyrics"]
    assert sum(loss.points for loss in losses) == pytest.approx(0.3 * (100 - take.lyrics.points), abs=0.01)
    assert {loss.reason for loss in losses} <= {"word-missing", "word-wrong", "extra"}
    assert all(loss.word for loss in losses)


def english_songs() -> list[Lyrics]:
    """The shorter English songs of the recordings' folder."""
    paths = sorted(recording("songs").glob("**/song.txt"), key=lambda path: Path(path).stat().st_size)
    songs = [song_lyrics(load_ultrastar(path)) for path in paths]
    return [song for song in songs if song.language == "en" and 60 <= len(song.words) <= 200]


def test_a_word_in_a_gap_costs_nothing_and_heard_all_the_same_is_no_ad_lib() -> None:
    words = tuple(Word(text, float(n), n + 1.0, 0) for n, text in enumerate(["les", "roses", "rouges", "du", "jardin"]))
    lyrics = Lyrics("fr", words)
    for heard in ("les roses rouges du jardin", "les roses du jardin"):
        found = score_lyrics(lyrics, heard, frozenset({2}), RULES)
        assert found is not None
        assert (found.points, found.insertions) == (100, 0)


def test_a_first_word_of_a_singer_who_is_early_is_judged() -> None:
    song = tune(5, 12.0)
    lyrics = Lyrics("fr", (Word("bonjour", 0.0, 0.5, 0), Word("soleil", 1.0, 1.5, 0)))
    track = sing(song, Singer(late_s=-0.1))
    take = score_take(Written(song, lyrics, None), track, track.times_s, Heard("bonjour", ""), RULES)
    assert take.lyrics is not None
    assert take.lyrics.insertions == 0
    assert take.lyrics.points < 100
