"""Names of songs compared, the own songs found, languages guessed."""

import pytest
from voicejury.v1 import song_pb2

from signaling.lyrics.language import guess_language
from signaling.lyrics.naming import namings
from signaling.search.likeness import bare_title, fold, likeness
from signaling.search.local import OwnSongs
from signaling.search.tracks import Track

SONGS = [
    song_pb2.Song(id="vie", title="La vie en rose", artist="Édith Piaf"),
    song_pb2.Song(id="ete", title="L’été indien", artist="Joe Dassin"),
    song_pb2.Song(id="oeuvre", title="Chef-d'œuvre", artist="Zoé & Cie"),
    song_pb2.Song(id="sea", title="Beyond the Sea", artist="Bobby Darin"),
    song_pb2.Song(id="see", title="See Me", artist="Nobody"),
]


def found(query: str, limit: int = 10) -> list[str]:
    return [song.id for song in OwnSongs(SONGS).find(query, limit)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("edith", "vie"),
        ("la vie en", "vie"),
        ("VIE EN ROSE", "vie"),
        ("l'ete ind", "ete"),
        ("ete indiem", "ete"),
        ("chef d oeuvre", "oeuvre"),
        ("dassin été", "ete"),
        ("beyond se", "sea"),
        ("see", "see"),
    ],
)
def test_a_song_is_found_by_beginnings_without_accents_and_with_small_errors(query: str, first: str) -> None:
    assert found(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "!!!", "xyzzy", "la vie en zzzzzz"])
def test_a_query_that_fits_nothing_finds_nothing(query: str) -> None:
    assert found(query) == []


def test_no_more_songs_than_asked_for() -> None:
    assert len(found("e", 1)) == 1


def test_folding_leaves_words_of_every_script() -> None:
    assert fold("  Où est-ce, ÇA ?") == "ou est ce ca"
    assert fold("Straße & Œuvre") == "strasse oeuvre"
    assert fold("夜に駆ける") != ""


@pytest.mark.parametrize(
    "release",
    ["Le vent (Remastered 2011)", "Le vent [Official Video]", "Le Vent - Radio Edit", "Le vent feat. Quelqu'un"],
)
def test_additions_of_a_release_do_not_make_another_song(release: str) -> None:
    assert bare_title(release) == "le vent"
    assert likeness("Le vent", "Personne", release, "Personne") == 1.0


def test_a_title_that_is_all_brackets_keeps_its_words() -> None:
    assert bare_title("(I Can't Get No)") == "i can t get no"


def test_another_title_or_artist_is_less_alike() -> None:
    same = likeness("Le vent", "Personne", "Le vent", "Personne")
    other_artist = likeness("Le vent", "Personne", "Le vent", "Xyz Qqqq")
    other_title = likeness("Le vent", "Personne", "La mer du nord", "Personne")
    assert same > 0.8 > max(other_artist, other_title)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Je ne sais pas où tu es dans la nuit et le vent me parle de toi"),
        ("en", "I do not know where you are in the night and the wind is all I have"),
        ("es", "No sé dónde estás en la noche y el viento me habla de ti porque te quiero"),
        ("de", "Ich weiß nicht wo du bist in der Nacht und der Wind ist auch nicht mein Freund"),
        ("it", "Non so dove sei nella notte e il vento mi parla di te che sei come il mare"),
    ],
)
def test_a_language_is_known_by_its_small_words(language: str, text: str) -> None:
    assert guess_language([text]) == language


@pytest.mark.parametrize("text", ["", "la la la la la la la la la la", "夜 に 駆 け る 夜 に 駆 け る", "oh yeah"])
def test_no_language_is_guessed_where_none_is_clear(text: str) -> None:
    assert guess_language([text]) == ""


@pytest.mark.parametrize(
    ("track", "song_id"),
    [
        (Track("spotify:1", "La Vie En Rose (Remastered)", "edith piaf", "", 190.0, None, "spotify"), "vie"),
        (Track("spotify:1", "La vie en rose", "Édith Piaf", "", None, None, "spotify"), "vie"),
        (Track("spotify:1", "La vie en rose - Live", "Édith Piaf", "", 300.0, None, "spotify"), None),
        (Track("spotify:1", "La vie en rose", "Somebody", "", 190.0, None, "spotify"), None),
        (Track("youtube:abc", "Quite another name", "x", "", None, None, "youtube"), "made"),
    ],
)
def test_a_track_is_an_own_song_by_its_names_and_length_or_by_its_source(track: Track, song_id: str | None) -> None:
    vie = song_pb2.Song(id="vie", title="La vie en rose", artist="Édith Piaf", duration_s=185.0)
    made = song_pb2.Song(id="made", title="Made", artist="Of it", source_id="youtube:abc")
    assert OwnSongs([vie, made]).song_of(track) == song_id


@pytest.mark.parametrize(
    ("title", "artist", "plain"),
    [
        ("Personne - Le vent (Clip officiel)", "PersonneVEVO", ("Le vent", "Personne")),
        ("Le vent - Personne [Official Video] HD", "Personne", ("Le vent", "Personne")),
        ("Personne – Le vent | Live session", "Une chaîne", ("Le vent", "Personne")),
        ("Le vent", "Personne - Topic", ("Le vent", "Personne")),
        ("Le vent Official Music Video", "Personne", ("Le vent", "Personne")),
        ("Le vent - Remastered 2011", "Personne", ("Le vent", "Personne")),
        ("Personne - Le vent ft. Quelqu'un", "", ("Le vent", "Personne")),
    ],
)
def test_what_a_page_adds_to_a_name_is_taken_off_for_a_second_question(
    title: str, artist: str, plain: tuple[str, str]
) -> None:
    assert namings(title, artist) == [(title, artist), plain]


@pytest.mark.parametrize(("title", "artist"), [("Le vent", "Personne"), ("Rendez-vous", "M"), ("(...)", "Personne")])
def test_a_plain_name_is_asked_for_once(title: str, artist: str) -> None:
    assert namings(title, artist) == [(title, artist)]
