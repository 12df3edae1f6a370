"""LRC, enhanced LRC and plain lyrics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.errors import LyricsFormatError
from signaling.lyrics.lines import LyricLine, LyricWord, lines_as_json, lines_from_json
from signaling.lyrics.lrc import MAX_CHARACTERS, MAX_LINE_CHARACTERS, MAX_LINES, decode_lyrics, parse_lyrics


def test_each_line_has_its_time_and_ends_where_the_next_begins() -> None:
    lyrics = parse_lyrics("[ti:Le vent]\n[00:01.50]Le vent\n[00:03.25]se lève\n[01:02]\n")
    assert lyrics.is_synced
    assert lyrics.lines == (LyricLine("Le vent", 1.5, 3.25), LyricLine("se lève", 3.25, 62.0))
    assert dict(lyrics.tags) == {"ti": "Le vent"}


def test_the_last_line_ends_nobody_knows_when() -> None:
    assert parse_lyrics("[00:01.00]la").lines == (LyricLine("la", 1.0, None),)


def test_a_refrain_stands_at_each_of_its_times_in_the_order_of_the_song() -> None:
    lyrics = parse_lyrics("[00:10.00][00:30.00]refrain\n[00:20.00]couplet")
    assert [(line.text, line.onset_s, line.offset_s) for line in lyrics.lines] == [
        ("refrain", 10.0, 20.0),
        ("couplet", 20.0, 30.0),
        ("refrain", 30.0, None),
    ]


@pytest.mark.parametrize(("offset", "onset_s"), [("+500", 9.5), ("500", 9.5), ("-250", 10.25), ("0", 10.0)])
def test_a_positive_offset_brings_the_words_earlier(offset: str, onset_s: float) -> None:
    lyrics = parse_lyrics(f"[00:10.00]<00:10.00>la\n[offset:{offset}]")
    assert lyrics.lines[0].onset_s == onset_s
    assert lyrics.lines[0].words[0].onset_s == onset_s


def test_nothing_begins_before_the_song() -> None:
    assert parse_lyrics("[offset:2000]\n[00:01.00]la").lines[0].onset_s == 0.0


@pytest.mark.parametrize(
    ("written", "onset_s"),
    [("[00:01]", 1.0), ("[0:1.5]", 1.5), ("[00:01.05]", 1.05), ("[00:01.005]", 1.005), ("[00:01:50]", 1.5)],
)
def test_every_way_to_write_a_time(written: str, onset_s: float) -> None:
    assert parse_lyrics(f"{written}la").lines[0].onset_s == pytest.approx(onset_s)


def test_enhanced_lines_time_their_words() -> None:
    line = parse_lyrics("[00:12.00] <00:12.00> Le <00:12.40> vent <00:13.00>\n[00:15.00]plus tard").lines[0]
    assert line == LyricLine("Le vent", 12.0, 13.0, (LyricWord("Le", 12.0, 12.4), LyricWord("vent", 12.4, 13.0)))


def test_the_last_word_of_an_enhanced_line_ends_with_the_line() -> None:
    line = parse_lyrics("[00:12.00]<00:12.00>Le <00:12.40>vent\n[00:15.00]plus tard").lines[0]
    assert line.words[-1] == LyricWord("vent", 12.4, 15.0)
    assert line.offset_s == 15.0


@pytest.mark.parametrize("end", ["", "<00:02.00>", " "])
def test_where_only_times_part_the_words_each_piece_is_a_word(end: str) -> None:
    first, second = parse_lyrics(f"[00:01.00]<00:01.00>word<00:01.50>word2{end}\n[00:03.00] <00:03.00>la").lines
    assert (first.text, [word.text for word in first.words]) == ("word word2", ["word", "word2"])
    assert [word.onset_s for word in first.words] == [1.0, 1.5]
    assert (second.text, len(second.words)) == ("la", 1)


def test_a_script_without_spaces_gets_none() -> None:
    assert parse_lyrics("[00:01.00]<00:01.00>\u5ddd\u306e<00:01.50>\u98a8").lines[0].text == "\u5ddd\u306e\u98a8"


def test_pieces_without_a_space_are_syllables_of_one_word() -> None:
    line = parse_lyrics("[00:12.00]<00:12.00>ri<00:12.40>vière <00:13.00>bleue<00:14.00>").lines[0]
    assert line.text == "rivière bleue"
    assert line.words == (LyricWord("rivière", 12.0, 13.0), LyricWord("bleue", 13.0, 14.0))


def test_words_that_share_a_time_are_left_for_whoever_can_time_them() -> None:
    assert parse_lyrics("[00:12.00]<00:12.00>le vent <00:13.00>souffle").lines[0].words == ()


def test_a_line_may_be_timed_by_its_words_alone() -> None:
    assert parse_lyrics("<00:12.00>Le <00:12.40>vent").lines[0].onset_s == 12.0


def test_words_belong_to_the_repetition_that_they_are_timed_for() -> None:
    first, second = parse_lyrics("[00:10.00][00:30.00]<00:30.00>la <00:30.50>lune").lines
    assert (first.onset_s, first.words) == (10.0, ())
    assert [word.onset_s for word in second.words] == [30.0, 30.5]


@pytest.mark.parametrize("heading", ["[Refrain]", "[Couplet 2 : Zoé]", "[x2]", "[ar:Personne]"])
def test_headings_and_tags_are_not_sung(heading: str) -> None:
    assert [line.text for line in parse_lyrics(f"{heading}\nla").lines] == ["la"]
    assert [line.text for line in parse_lyrics(f"{heading}\n[00:01.00]la").lines] == ["la"]


def test_plain_lyrics_have_no_times() -> None:
    lyrics = parse_lyrics("Le vent\r\n\r\n  se   lève \rencore")
    assert not lyrics.is_synced
    assert lyrics.lines == (LyricLine("Le vent"), LyricLine("se lève"), LyricLine("encore"))


def test_a_language_tag_is_heeded() -> None:
    assert parse_lyrics("[la:FR]\n[00:01.00]la").language == "fr"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[00:01.00]la\n[00:61.00]la", 2, "second 61"),
        ("[00:01.00]la\n[00:1x.00]la", 2, r"\[mm:ss.xx\]"),
        ("[00:01.00]la\n[-00:02.00]la", 2, r"\[mm:ss.xx\]"),
        ("[00:01.00]la\n[00:02.00 la", 2, r"\[mm:ss.xx\]"),
        ("[00:01.00]la\nsans temps", 2, "without a time"),
        ("[00:01.00]<00:03.00>le <00:02.00>vent", 1, "backwards"),
        ("[00:01.00]la\n[offset:soon]", 2, "milliseconds"),
        ("[00:01.00]la\n[offset:99999999]", 2, "milliseconds"),
        ("", 1, "no words"),
        ("[00:01.00]\n[00:02.00]", 1, "no words"),
        ("[Refrain]\n", 1, "no words"),
        ("la\nla\x00la", 2, "NUL"),
        ("la\n" + "x" * (MAX_LINE_CHARACTERS + 1), 2, "longer than"),
        ("la\n" * (MAX_LINES + 1), MAX_LINES + 1, "more than"),
        ("x" * (MAX_CHARACTERS + 1), 1, "more than"),
        ("#TITLE:Hey\n#BPM:300\n: 0 4 60 Hel\n: 5 4 62 lo\nE\n", 1, "UltraStar"),
        ("\ufeff#artist:x\r\n#title:[00:01.00]\r\n#bpm:300\r\n: 0 4 60 la\r\n", 1, "UltraStar"),
        ("[00:01.00]" * 150 + "la\n" + ("[00:01.00]" * 150 + "la\n") * 40, 34, "times"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(LyricsFormatError, match=said) as caught:
        parse_lyrics(text)
    assert caught.value.line == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_old_and_new_files_are_decoded(encoding: str) -> None:
    assert decode_lyrics("[00:01.00]été".encode(encoding)) == "[00:01.00]été"


@given(st.text(max_size=400) | st.text(alphabet="[]<>0123456789:. \nab-", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        lyrics = parse_lyrics(text)
    except LyricsFormatError:
        return
    assert lyrics.lines
    assert all(line.text for line in lyrics.lines)
    if lyrics.is_synced:
        onsets_s = [line.onset_s for line in lyrics.lines]
        assert onsets_s == sorted(onsets_s, key=lambda onset_s: onset_s or 0.0)


def test_lines_survive_the_store() -> None:
    lines = parse_lyrics("[00:12.00]<00:12.00>Le <00:12.40>vent\n[00:15.00]plus tard").lines
    assert lines_from_json(lines_as_json(lines)) == lines


def test_a_moved_line_takes_its_words_along_and_slower_is_later() -> None:
    line = LyricLine("la lune", 10.0, 12.0, (LyricWord("la", 10.0, 11.0), LyricWord("lune", 11.0, None)))
    assert line.moved(-0.5) == LyricLine("la lune", 9.5, 11.5, (LyricWord("la", 9.5, 10.5), LyricWord("lune", 10.5)))
    assert line.moved(0.0, tempo=0.5).onset_s == 20.0
    assert LyricLine("la").moved(1.0) == LyricLine("la")
