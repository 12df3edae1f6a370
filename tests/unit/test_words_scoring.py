"""Points, counts and evidence of sung words."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.domain.lyrics_inventions import INVENTED
from inference.domain.lyrics_score import ExtraWord, WordFate, score_lyrics, why_unscored
from inference.domain.lyrics_text import normalise
from inference.domain.melody import Lyrics
from tests.support.lyrics import RULES, lyrics_of, points, scored

SONG = "Au clair de la lune\nMon ami Pierrot\nPrête-moi ta plume\nPour écrire un mot"
LINE = "je tu la lune amour de le ciel et toi cœur l'été j'ai vingt 99 peut-être oh week-end qui où jamais"
WORDS = LINE.split()
FOREIGN = ["xylophone", "brouillard", "wagon", "kiwi"]  # no word of the songs, no part of one


def test_one_wrong_word_of_ten_costs_ten_points_and_so_does_one_missing() -> None:
    written = "un deux trois quatre cinq six sept huit neuf dix"
    assert points(written, written.replace("cinq", "wagon")) == pytest.approx(90)
    assert points(written, written.replace("cinq ", "")) == pytest.approx(90)
    assert points(written, " ".join(written.split()[:5])) == pytest.approx(50)


def test_ad_libs_are_free_up_to_a_tenth_and_cost_half_a_word_beyond() -> None:
    written = "un deux trois quatre cinq six sept huit neuf dix"
    assert points(written, written + " wagon") == 100
    assert points(written, written + " wagon kiwi") == pytest.approx(95)
    assert points(written, written + " wagon kiwi jupe") == pytest.approx(90)


def test_counts_are_those_of_the_compared_words() -> None:
    found = scored(SONG, "au clair de la brune mon ami pierrot prête ta plume pour écrire un gros mot")
    assert (found.hits, found.substitutions, found.deletions, found.insertions) == (14, 1, 1, 1)
    assert found.expected == 16
    assert found.wer == pytest.approx(3 / 16)


def test_a_wrong_word_tells_what_was_heard_and_an_extra_word_where() -> None:
    found = scored(SONG, "au clair de la brune mon ami pierrot prête moi ta plume pour écrire un gros mot")
    wrong = [word for word in found.words if word.fate is WordFate.WRONG]
    assert [(word.text, word.heard, word.phrase) for word in wrong] == [("lune", "brune", 0)]
    assert found.extra == (ExtraWord("gros", 3, 13.0),)


def test_a_word_of_two_tokens_is_missing_only_where_both_are() -> None:
    assert scored("l'été revient vite", "été revient vite").words[0].fate is WordFate.WRONG
    assert scored("l'été revient vite", "revient vite").words[0].fate is WordFate.MISSING


def test_an_extra_word_before_the_first_right_one_belongs_to_the_first_line() -> None:
    assert scored(SONG, "alors " + SONG).extra[0].phrase == 0


def test_words_that_fell_into_a_gap_are_not_asked_for() -> None:
    lyrics = lyrics_of(SONG)
    found = score_lyrics(lyrics, "au clair de la lune", frozenset(range(5, 16)), RULES)
    assert found is not None
    assert found.points == 100
    assert score_lyrics(lyrics, "", frozenset(range(16)), RULES) is None
    assert "too little sound" in why_unscored(lyrics, frozenset(range(16)))


@pytest.mark.parametrize("text", ["la la la", "oh yeah\nouh", "(mon amour)"])
def test_lyrics_of_fillers_alone_have_no_score_and_say_why(text: str) -> None:
    assert score_lyrics(lyrics_of(text), text, frozenset(), RULES) is None
    assert "fillers" in why_unscored(lyrics_of(text), frozenset())


def test_no_lyrics_have_no_score_and_say_why() -> None:
    assert score_lyrics(Lyrics("fr", ()), "la lune", frozenset(), RULES) is None
    assert why_unscored(Lyrics("fr", ()), frozenset()) == "the song has no lyrics"


def test_the_article_la_is_a_word_and_a_row_of_la_is_none() -> None:
    assert points("la lune et la mer", "lune et mer") == pytest.approx(60)
    assert points("la lune et la mer", "la la la la lune et la mer") == 100


@pytest.mark.parametrize("heard", ["", "oh oh oh", "♪", "[Musique]", "...", "la la la la la la la"])
def test_humming_is_worth_nothing(heard: str) -> None:
    assert points(SONG, heard) == 0


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("invented", [line for lines in INVENTED.values() for line in lines])
def test_what_recognisers_invent_is_worth_nothing(invented: str, language: str) -> None:
    song = {"fr": SONG, "en": "You and me in the video\nthank you for the music\nsee the sun next to me"}[language]
    assert points(song, invented.capitalize() + ".", language) == 0
    assert points(song, f"{invented}. " * 40, language) == 0


def test_an_invented_phrase_that_the_song_holds_is_sung() -> None:
    assert points("Thank you for watching\nover me tonight", "thank you for watching over me tonight", "en") == 100


def test_an_invention_beside_the_words_costs_nothing() -> None:
    assert points(SONG, SONG + " Sous-titres réalisés par la communauté d'Amara.org") == 100


@pytest.mark.parametrize(
    "heard", ["de", "la", "de rien", "merci de rien du tout", "de la de la de la de la de la de la"]
)
def test_chance_words_are_worth_nothing(heard: str) -> None:
    assert points(SONG, heard) == 0


def test_a_looped_line_is_worth_nothing() -> None:
    assert points(SONG, "Au clair de la lune " * 30) == 0


def test_a_short_word_alone_counts_where_the_lyrics_are_short() -> None:
    assert points("toi et moi", "moi") == pytest.approx(100 / 3)
    assert points("go", "go", "en") == 100


def test_an_accent_costs_what_the_rules_say() -> None:
    quarter = replace(RULES, accent_credit=0.75)
    assert scored("à cœur ouvert", "a coeur ouvert").points == 100
    assert scored("à cœur ouvert", "a coeur ouvert", rules=quarter).points == pytest.approx(100 * 2.75 / 3)
    assert scored("à cœur ouvert", "à cœur ouvert", rules=quarter).points == 100


def test_what_the_recogniser_misses_in_the_original_voice_is_not_asked_of_the_singer() -> None:
    lyrics = lyrics_of("un deux trois quatre cinq six sept huit neuf dix")
    heard = "un deux trois quatre cinq six sept huit"

    def against(reference: str, sung: str = heard) -> float:
        found = score_lyrics(lyrics, sung, frozenset(), RULES, reference)
        assert found is not None
        return found.points

    assert against(heard) == 100
    assert against(heard, "un deux trois quatre") == pytest.approx(50)
    assert against("un deux trois quatre cinq six sept huit neuf dix") == pytest.approx(80)
    assert against("un deux") == 100  # divided by one half at most
    assert against("un deux", "un deux trois") == pytest.approx(60)
    assert against(heard, "") == 0


# Properties.
SUNG = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40)
TYPOGRAPHY: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda text: text.replace("'", "’"),
    lambda text: f"« {text} ! »…",
    lambda text: text.replace(" ", ",\n"),
    lambda text: text.replace("œ", "oe"),
    lambda text: f"\ufeff{text}",
]


@given(st.text(max_size=60), st.sampled_from(["fr", "en", "ja", "hi", ""]))
def test_any_text_is_made_alike(text: str, language: str) -> None:
    compared = normalise(text, language)
    assert compared == compared.strip()
    assert "  " not in compared


@given(SUNG, st.sampled_from(["fr", "en"]))
def test_making_alike_is_idempotent(words: list[str], language: str) -> None:
    once = normalise(" ".join(words), language)
    assert normalise(once, language) == once


@given(SUNG, st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(range(len(TYPOGRAPHY))))
def test_typography_never_changes_the_score(words: list[str], heard: list[str], how: int) -> None:
    change = TYPOGRAPHY[how]
    lyrics = lyrics_of(" ".join(words))
    changed = lyrics_of(" ".join(change(word) for word in words))
    text = " ".join(heard)
    one, other = (
        score_lyrics(lyrics, text, frozenset(), RULES),
        score_lyrics(changed, change(text), frozenset(), RULES),
    )
    assert (one and one.points) == (other and other.points)


@given(SUNG, st.text(max_size=100), st.sampled_from(["fr", "en", "ja"]))
def test_the_score_stays_within_0_and_100(words: list[str], heard: str, language: str) -> None:
    found = score_lyrics(lyrics_of(" ".join(words), language), heard, frozenset(), RULES)
    assert found is None or 0 <= found.points <= 100


@given(SUNG, st.sampled_from(["fr", "en"]))
def test_the_same_text_is_worth_100(words: list[str], language: str) -> None:
    found = score_lyrics(lyrics_of(" ".join(words), language), " ".join(words), frozenset(), RULES)
    assert found is None or found.points == 100
    assert found is None or found.wer == 0


@settings(max_examples=300)
@given(
    SUNG.flatmap(
        lambda words: st.tuples(st.just(words), st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    ),
    st.data(),
)
def test_another_wrong_or_missing_word_never_scores_more(
    sung: tuple[list[str], list[bool]], data: st.DataObject
) -> None:
    words, right = sung
    heard = [word if is_right else data.draw(st.sampled_from(FOREIGN)) for word, is_right in zip(*sung, strict=True)]
    place = data.draw(st.integers(0, len(words) - 1))
    worse = [word for number, word in enumerate(heard) if number != place]
    wrong = [*heard[:place], FOREIGN[0], *heard[place + 1 :]]
    lyrics = lyrics_of(" ".join(words))
    found = [score_lyrics(lyrics, " ".join(text), frozenset(), RULES) for text in (heard, worse, wrong)]
    if found[0] is None:
        return
    before, *after = [score.points for score in found if score is not None]
    if right[place]:
        assert max(after) <= before + 1
