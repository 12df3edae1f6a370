"""UltraStar song files: small ones written here, and the whole parser corpus."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from voicejury.v1 import song_pb2

from signaling.errors import SongFormatError
from signaling.songs.ultrastar import ParsedSong, load_ultrastar, parse_song

HEADER = "#TITLE:T\n#ARTIST:A\n#BPM:300\n#GAP:1000\n"
BEAT_S = 0.05  # 15 / 300
REFUSED = {  # file of the corpus: line and word of the refusal
    "Duet.txt": (5, "#BPM"),
    "Solo.txt": (5, "#BPM"),
    "NoteWithoutLyricsAndMissingLastSeparator.txt": (5, "#BPM"),
    "WithPhraseEndBeat.txt": (5, "#BPM"),
    "WithoutPhraseEndBeat.txt": (5, "#BPM"),
    "NegativeNoteValues.txt": (6, "-3 beats"),
    "invalid-explicit-encoding.txt": (3, "#ENCODING"),
    "LICENSE_UltraStarPlay_MIT.txt": (1, "#TITLE"),
}
DUETS = {
    "LoadAndSaveProperties.txt",
    "MultipleSpacesAsNoteSeparator.txt",
    "ScoreRelevantSongHash.txt",
    "Copy-Voices.txt",
    "Copy-Voices-Pasted.txt",
    "EditSongMeta.txt",
    "CArtist - ATitle.txt",
    "CArtist - BTitle.txt",
    "ArtistC - TitleA.txt",
    "ArtistHelloNoAccent.txt",
    "ArtistHelloWithAccent.txt",
    "Default.txt",
}


def parse(folder: Path, text: str | bytes) -> ParsedSong:
    path = folder / "song.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse_song(path)


def phrases(song: ParsedSong, voice: int = 0) -> list[song_pb2.Phrase]:
    return list(song.voices[voice].reference.melody.phrases)


def words(song: ParsedSong) -> list[str]:
    return [word.text for word in song.voices[0].reference.lyrics.words]


def corpus_file(recordings: Path, name: str) -> ParsedSong:
    return parse_song(recordings / "songs" / "parser_tests" / name)


def test_every_parser_fixture_loads_or_is_refused_as_its_name_says(recordings: Path) -> None:
    files = sorted((recordings / "songs" / "parser_tests").rglob("*.txt"))
    assert len(files) > 40
    for path in files:
        if path.name in REFUSED:
            line, word = REFUSED[path.name]
            with pytest.raises(SongFormatError) as refused:
                parse_song(path)
            assert refused.value.line == line, path
            assert word in str(refused.value)
            assert str(refused.value).startswith(f"{path}:{line}: ")
        else:
            song = parse_song(path)
            assert len(song.voices) == (2 if path.name in DUETS else 1), path
            assert_sound(song)


def test_every_real_song_of_the_corpus_loads(recordings: Path) -> None:
    files = [*(recordings / "songs").glob("*/song.txt"), *(recordings / "songs" / "text_only").glob("*/*.txt")]
    songs = [path for path in files if path.name != "license.txt"]
    assert len(songs) >= 24
    for path in songs:
        song = parse_song(path)
        assert_sound(song)
        assert song.header.title
        assert len(phrases(song)) >= 10, path
        assert len(words(song)) >= 60, path


def assert_sound(song: ParsedSong) -> None:
    for voice in song.voices:
        notes = [note for phrase in voice.reference.melody.phrases for note in phrase.notes]
        assert notes
        assert all(note.onset_s < note.offset_s for note in notes)
        assert all(note.offset_s <= following.onset_s for note, following in pairwise(notes)), song.path
        for word in voice.reference.lyrics.words:
            assert 0 <= word.onset_s < word.offset_s


@pytest.mark.parametrize(
    ("name", "title", "encoding"),
    [
        ("UTF8-BOM.txt", "TestTitle___ä___ß___'___Ж", "utf-8-sig"),
        ("UTF8-NoBOM.txt", "TestTitle___ä___ß___'___Ж", "utf-8"),
        ("UTF16-BE-BOM.txt", "TestTitle___ä___ß___'___Ж", "utf-16"),
        ("UTF16-LE-BOM.txt", "TestTitle___ä___ß___'___Ж", "utf-16"),
        ("Windows1252.txt", "Tränenüberströmt nach Fußmassage", "cp1252"),
        ("ISO-8859-1.txt", "Tränenüberströmt nach Fußmassage", "cp1252"),
        ("cp865-explicit-encoding.txt", "det finnes ikke dårlig vær, bare dårlige klær", "cp865"),
    ],
)
def test_titles_keep_their_letters_in_every_encoding(recordings: Path, name: str, title: str, encoding: str) -> None:
    song = corpus_file(recordings, name)
    assert (song.header.title, song.encoding) == (title, encoding)


def test_utf_16_without_a_mark_is_still_read(tmp_path: Path) -> None:
    song = parse(tmp_path, (HEADER + ": 0 2 0 é\n").encode("utf-16-le"))
    assert phrases(song)[0].text == "é"


def test_a_byte_outside_the_declared_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SongFormatError, match=r"song\.txt:3: byte .* is not utf-8"):
        parse(tmp_path, b"#ENCODING:UTF8\n#TITLE:ok\n#ARTIST:\xe9\n#BPM:300\n: 0 2 0 a\n")


@pytest.mark.parametrize("name", ["LyricsSpaceAtTheEnd.txt", "LyricsSpaceAtTheStart.txt"])
def test_a_space_on_either_side_begins_a_word(recordings: Path, name: str) -> None:
    song = corpus_file(recordings, name)
    assert words(song) == ["Hello", "world!"]
    assert [note.syllable for note in phrases(song)[0].notes] == ["Hel", "lo", "world!"]
    assert [note.starts_word for note in phrases(song)[0].notes] == [True, False, True]


def test_times_and_pitches_follow_the_formats_formula(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": 10 4 -3 La\n* 20 2 9 la\nE\n")
    first, second = phrases(song)[0].notes
    assert (first.onset_s, first.offset_s) == pytest.approx((1.5, 1.7))
    assert (first.midi, second.midi) == (57, 69)
    assert (first.kind, second.kind) == (song_pb2.NOTE_KIND_NORMAL, song_pb2.NOTE_KIND_GOLDEN)
    assert song.duration_s == pytest.approx(2.1)


def test_a_decimal_comma_is_read_as_a_point(tmp_path: Path) -> None:
    song = parse(tmp_path, "#TITLE:T\n#ARTIST:A\n#BPM:297,5\n#GAP: 0,12 \n: 0 1 0 a\n")
    assert song.header.beat_s == pytest.approx(15 / 297.5)
    assert song.header.gap_s == pytest.approx(0.00012)


def test_a_tilde_holds_the_syllable_and_freestyle_is_not_a_judged_word(tmp_path: Path) -> None:
    body = ": 0 2 0 A\n: 2 2 2 ~\n: 4 2 0 ve\nF 6 2 0  hey\nR 8 2 0  rap\nG 10 2 0 pe\n"
    song = parse(tmp_path, HEADER + body)
    assert words(song) == ["Ave", "rappe"]
    assert phrases(song)[0].text == "Ave hey rappe"
    first = song.voices[0].reference.lyrics.words[0]
    assert (first.onset_s, first.offset_s) == pytest.approx((1.0, 1.3))
    kinds = [note.kind for note in phrases(song)[0].notes][3:]
    assert kinds == [song_pb2.NOTE_KIND_FREESTYLE, song_pb2.NOTE_KIND_RAP, song_pb2.NOTE_KIND_RAP_GOLDEN]


def test_a_duet_keeps_both_voices_and_the_first_is_sung(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + "P1\n: 0 2 0 un\n- 3\n: 4 2 0 deux\nP2\n: 0 2 7 one\nE\n")
    assert [voice.name for voice in song.voices] == ["P1", "P2"]
    assert [phrase.text for phrase in phrases(song)] == ["un", "deux"]
    assert [phrase.text for phrase in phrases(song, 1)] == ["one"]
    assert [voice.name for voice in load_ultrastar(tmp_path).voices] == ["P1", "P2"]


def test_line_ends_take_no_beat_or_one_or_two(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + "- 0\n: 0 2 0 a\n-\n: 4 2 0 b\n- 8\n: 10 2 0 c\n- 14 16\n: 20 2 0 d\n")
    assert [phrase.text for phrase in phrases(song)] == ["a", "b", "c", "d"]
    assert phrases(song)[3].onset_s == pytest.approx(2.0)


def test_relative_songs_count_beats_from_their_line(tmp_path: Path) -> None:
    song = parse(tmp_path, "#RELATIVE:Yes\n" + HEADER + ": 0 2 0 a\n- 4 6\n: 0 2 0 b\n- 4\n: 1 2 0 c\n")
    assert [phrase.onset_s for phrase in phrases(song)] == pytest.approx([1.0, 1.3, 1.55])


def test_negative_beats_lie_before_the_gap(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": -10 4 0 pick\n: 0 4 0 up\n")
    assert phrases(song)[0].onset_s == pytest.approx(0.5)


def test_lines_and_notes_out_of_order_are_sorted(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": 20 2 0 c\n- 24\n: 4 2 0  b\n: 0 2 0 a\n")
    assert [phrase.text for phrase in phrases(song)] == ["a b", "c"]


def test_a_note_ends_where_the_next_one_begins(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": 0 9 0 a\n: 4 2 0 b\n")
    assert phrases(song)[0].notes[0].offset_s == pytest.approx(1.2)


def test_a_note_of_no_length_is_not_judged(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": 0 0 0 a\n: 4 2 0  b\n")
    assert phrases(song)[0].notes[0].kind == song_pb2.NOTE_KIND_FREESTYLE
    assert words(song) == ["b"]


def test_what_follows_the_end_mark_is_not_read(tmp_path: Path) -> None:
    assert len(phrases(parse(tmp_path, HEADER + ": 0 2 0 a\nE\nanything\n"))) == 1


def test_a_missing_end_mark_and_a_note_without_text_load(tmp_path: Path) -> None:
    song = parse(tmp_path, HEADER + ": 0 2 0 a\n: 4 2 0\n: 8 2 0  b")
    assert [note.syllable for note in phrases(song)[0].notes] == ["a", "~", "b"]


@pytest.mark.parametrize("breaks", ["\r\n", "\r", "\n\n"])
def test_every_kind_of_line_break_is_read(tmp_path: Path, breaks: str) -> None:
    song = parse(tmp_path, (HEADER + ": 0 2 0 a\n: 4 2 0 b\nE\n").replace("\n", breaks))
    assert phrases(song)[0].text == "ab"


def test_audio_stands_before_mp3_and_the_language_becomes_a_code(tmp_path: Path) -> None:
    text = "#VERSION:2.0.0\n#mp3:old.mp3\n#audio: new.ogg \n#Language: French, English\n" + HEADER + ": 0 2 0 a\n"
    song = parse(tmp_path, text)
    assert (song.header.audio, song.header.language) == ("new.ogg", "fr")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("#TITLE:T\n#ARTIST:A\n: 0 1 0 a\n", 3, "without #BPM"),
        ("#ARTIST:A\n#BPM:100\n: 0 1 0 a\n", 3, "without #TITLE"),
        ("#TITLE:T\n#BPM:fast\n: 0 1 0 a\n", 2, "#BPM is not a number"),
        ("#TITLE:T\n#BPM:0\n: 0 1 0 a\n", 2, "#BPM is 0"),
        ("#TITLE:T\n#BPM:-120\n: 0 1 0 a\n", 2, "#BPM is -120"),
        ("#TITLE:T\n#BPM:inf\n: 0 1 0 a\n", 2, "finite"),
        ("#TITLE:T\n#BPM:nan\n: 0 1 0 a\n", 2, "finite"),
        (HEADER.replace("1000", "1e99") + ": 0 1 0 a\n", 4, "#GAP"),
        (HEADER + "hello\n", 5, "neither a note"),
        (HEADER + ": 0 x 0 a\n", 5, "neither a note"),
        (HEADER + ": 0 1\n", 5, "neither a note"),
        (HEADER + ": 0 -1 0 a\n", 5, "-1 beats"),
        (HEADER + ": 0 1 999 a\n", 5, "beyond any voice"),
        (HEADER + ": 99999999 1 0 a\n", 5, "out of range"),
        (HEADER + ": -30 1 0 a\n", 5, "outside the song"),
        (HEADER + ": 9999999 1 0 a\n", 5, "outside the song"),
        (HEADER + ": 4 1 0 a\n: 4 1 2 b\n", 6, "two notes begin at beat 4"),
        (HEADER + "E\n", 6, "without a note"),
        ("#VERSION:9.0.0\n" + HEADER + ": 0 1 0 a\n", 1, "newer"),
        ("#TITLE T\n" + HEADER + ": 0 1 0 a\n", 1, "needs a colon"),
        (HEADER + ": 0 1 0 a\x00\n", 5, "NUL"),
        ("#TITLE:" + "t" * 3000, 1, "2048"),
        ("#ENCODING:hex\n" + HEADER, 1, "unknown encoding"),
        ("#ENCODING:punycode\n" + HEADER, 1, "unknown encoding"),
        (HEADER + ": 0 2 0 a\n: 20 2 0 c\n-\n: 10 2 0 b\n", 8, "runs into"),
    ],
)
def test_a_broken_file_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(SongFormatError) as refused:
        parse(tmp_path, text)
    assert refused.value.line == line
    assert reason in str(refused.value)
    assert str(tmp_path / "song.txt") in str(refused.value)


def test_a_file_of_three_mebibytes_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(SongFormatError, match="larger than 2 MiB"):
        parse(tmp_path, HEADER.encode() + b" " * 3 * 1024 * 1024)


def test_more_notes_than_a_song_can_have_are_refused(tmp_path: Path) -> None:
    body = "".join(f": {beat} 1 0 a\n" for beat in range(20_001))
    with pytest.raises(SongFormatError, match=r"song\.txt:20005: more than 20000 notes"):
        parse(tmp_path, HEADER + body)


@pytest.mark.timeout(60)  # a pattern that goes over the spaces again and again would take minutes
@pytest.mark.parametrize("line", ["-" + " " * 199_000 + "x", ":" + " " * 199_000 + "x", "P" + " " * 199_000 + "x"])
def test_a_line_of_spaces_without_end_is_refused_at_once(tmp_path: Path, line: str) -> None:
    with pytest.raises(SongFormatError, match=r":5: a line of more than 2048 characters"):
        parse(tmp_path, HEADER + line)


def test_the_name_of_an_encoding_has_a_bounded_length(tmp_path: Path) -> None:
    with pytest.raises(SongFormatError, match="unknown encoding"):
        parse(tmp_path, "#ENCODING:utf-8" + "-" * 100_000 + "\n" + HEADER)


def test_a_missing_file_is_refused_like_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(SongFormatError, match="cannot be read"):
        load_ultrastar(tmp_path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=300), st.text(alphabet="#:*FRGPE- 019,.~\nabé", max_size=200)))
def test_any_bytes_load_soundly_or_are_refused(tmp_path: Path, body: bytes | str) -> None:
    data = body if isinstance(body, bytes) else body.encode()
    for text in (data, HEADER.encode() + data):
        try:
            song = parse(tmp_path, text)
        except SongFormatError:
            continue
        assert_sound(song)
