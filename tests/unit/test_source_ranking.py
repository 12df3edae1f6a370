"""The right version of a song: known cases, and laws that hold for all names."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signaling.sources.model import Wanted
from signaling.sources.ranking import REMARKS, fold, match_of, remarks_of

QUEEN = Wanted("spotify:1", "Bohemian Rhapsody", "Queen", 354.0)
NAMES = st.text(st.characters(categories=["L", "N", "Zs", "P"]), min_size=1, max_size=40).filter(fold)
LENGTHS = st.none() | st.floats(1, 2000)


def best(wanted: Wanted, *hits: tuple[str, str, float | None]) -> str:
    return max(hits, key=lambda hit: match_of(wanted, *hit))[0]


@pytest.mark.parametrize(
    "hit",
    [
        ("Bohemian Rhapsody (Live Aid 1985)", "Queen Official", 354.0),
        ("Queen - Bohemian Rhapsody (Karaoke Version)", "Sing King", 354.0),
        ("Bohemian Rhapsody (cover)", "Somebody Else", 354.0),
        ("Bohemian Rhapsody - sped up", "Queen", 280.0),
        ("Bohemian Rhapsody (8D audio)", "Queen", 354.0),
        ("Bohemian Rhapsody (Remix)", "Queen", 354.0),
        ("Bohemian Rhapsody 1 hour loop", "Queen", 3600.0),
        ("Bohemian Rhapsody reaction", "Queen fan", 900.0),
        ("Don't Stop Me Now", "Queen", 210.0),
        ("Bohemian Rhapsody", "Queen", 60.0),
    ],
)
def test_the_original_stands_before_other_versions_and_other_songs(hit: tuple[str, str, float]) -> None:
    original = ("Queen – Bohemian Rhapsody (Official Video Remastered)", "Queen Official", 359.0)
    assert best(QUEEN, hit, original) == original[0]
    assert match_of(QUEEN, *original) > 0.9


def test_what_was_asked_for_is_no_fault() -> None:
    live = Wanted("x", "Imagine (Live)", "John Lennon", 180.0)
    assert best(live, ("Imagine", "John Lennon", 180.0), ("Imagine (Live)", "John Lennon", 180.0)) == "Imagine (Live)"
    bond = Wanted("x", "Live and Let Die", "Paul McCartney & Wings", 192.0)
    assert match_of(bond, "Live And Let Die", "Paul McCartney - Topic", 193.0) > 0.85


@pytest.mark.parametrize(
    ("wanted", "title", "artist"),
    [
        (("La Vie en rose", "Édith Piaf"), "EDITH PIAF - La vie en rose (Audio officiel)", "EdithPiafVEVO"),
        (("Je t'aime… moi non plus", "Serge Gainsbourg"), "Je t’aime moi non plus", "Serge Gainsbourg - Topic"),
        (("夜に駆ける", "YOASOBI"), "YOASOBI「夜に駆ける」 Official Music Video", "Ayase / YOASOBI"),
        (("Катюша", ""), "Катюша", "Хор"),
    ],
)
def test_accents_scripts_and_punctuation_do_not_hide_a_song(wanted: tuple[str, str], title: str, artist: str) -> None:
    assert match_of(Wanted("x", *wanted, 200.0), title, artist, 201.0) > 0.8


@given(NAMES, NAMES, LENGTHS, NAMES, NAMES, LENGTHS)
def test_a_match_lies_between_0_and_1(
    title: str, artist: str, wanted_s: float | None, found: str, channel: str, found_s: float | None
) -> None:
    assert 0.0 <= match_of(Wanted("x", title, artist, wanted_s), found, channel, found_s) <= 1.0


@given(NAMES, NAMES, st.floats(30, 600))
def test_the_same_name_and_length_is_a_nearly_perfect_match(title: str, artist: str, length_s: float) -> None:
    assert match_of(Wanted("x", title, artist, length_s), title, f"{artist} - Topic", length_s) > 0.9


@given(NAMES, NAMES, NAMES, NAMES, st.floats(30, 600), st.floats(0, 300), st.floats(0, 300))
def test_further_in_length_is_never_better(
    title: str, artist: str, found: str, channel: str, length_s: float, first_s: float, second_s: float
) -> None:
    wanted = Wanted("x", title, artist, length_s)
    near, far = sorted((first_s, second_s))
    assert match_of(wanted, found, channel, length_s + near) >= match_of(wanted, found, channel, length_s + far)


@given(NAMES, NAMES, st.sampled_from(["live", "cover", "karaoke", "remix", "sped up", "8D", "reaction", "1 hour"]))
def test_a_mark_of_another_version_never_helps(title: str, artist: str, mark: str) -> None:
    assume(not set(mark.casefold().split()) & set(fold(f"{title} {artist}").split()))
    wanted = Wanted("x", title, artist, 200.0)
    assert match_of(wanted, f"{title} ({mark})", artist, 200.0) < match_of(wanted, title, artist, 200.0)


@given(NAMES, NAMES, st.sampled_from(["official video", "Lyrics", "paroles", "HD", "audio", "Official Audio"]))
def test_words_that_say_nothing_of_the_song_cost_nothing(title: str, artist: str, mark: str) -> None:
    wanted = Wanted("x", title, artist, 200.0)
    plain = match_of(wanted, title, artist, 200.0)
    assert match_of(wanted, f"{title} ({mark})", artist, 200.0) >= plain - 1e-9


@given(NAMES)
def test_case_and_accents_do_not_matter(title: str) -> None:
    assume(fold(title.upper()) == fold(title))
    wanted = Wanted("x", title, "Somebody", 200.0)
    assert match_of(wanted, title.upper(), "SOMEBODY", 200.0) == pytest.approx(
        match_of(wanted, title, "somebody", 200.0)
    )


@pytest.mark.parametrize(
    ("title", "artist", "duration_s", "remarks"),
    [
        ("Queen – Bohemian Rhapsody (Official Video)", "Queen Official", 355.0, ["same-length", "official"]),
        ("Bohemian Rhapsody (Live Aid)", "Queen", 340.0, ["live"]),
        ("Bohemian Rhapsody KARAOKE", "Queen", 420.0, ["no-voice", "longer"]),
        ("Bohemian Rhapsody cover", "Zoé Zut", 300.0, ["cover", "other-artist", "shorter"]),
        ("Bohemian Rhapsody nightcore 8D", "Queen", None, ["altered"]),
        ("Bohemian Rhapsody 1 hour loop", "Queen", 3600.0, ["many-songs", "longer"]),
        ("Bohemian Rhapsody", "Queen", None, []),
    ],
)
def test_each_recording_says_what_speaks_for_and_against_it(
    title: str, artist: str, duration_s: float | None, remarks: list[str]
) -> None:
    assert remarks_of(QUEEN, title, artist, duration_s) == remarks


def test_what_was_asked_for_is_not_remarked() -> None:
    wanted = Wanted("spotify:2", "Live and Let Die (Live)", "Wings", 190.0)
    assert remarks_of(wanted, "Wings - Live and Let Die (Live)", "Wings", 190.0) == ["same-length"]


@given(NAMES, NAMES, LENGTHS, NAMES, NAMES, LENGTHS)
def test_remarks_are_few_known_and_in_order(
    title: str, artist: str, duration_s: float | None, other: str, by: str, other_s: float | None
) -> None:
    found = remarks_of(Wanted("t", title, artist, duration_s), other, by, other_s)
    assert found == [code for code in REMARKS if code in found]
    assert len({"longer", "shorter", "same-length"} & set(found)) <= 1
