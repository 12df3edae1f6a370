"""Progress that never goes back, refusals by their code, songs before and after they are listened to."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from voicejury.v1 import reference_pb2, song_pb2

from signaling.errors import SourceError
from signaling.lyrics.lines import FoundLyrics, LyricLine, LyricWord
from signaling.preparing.calls import refusal
from signaling.preparing.progress import ORDER, PAIR, SPLIT, Speeds, Whole
from signaling.preparing.songs import known_song, names_of, song_id_of, sung_words, with_words, words_request
from signaling.preparing.stems import Stems
from signaling.sources.model import Fetched, Kind, Source

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASH = "ab" * 32


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


steps = st.lists(
    st.tuples(st.sampled_from(ORDER), st.floats(-1, 2), st.one_of(st.none(), st.floats(0, 1000))), max_size=30
)


@given(steps, st.floats(0, 1))
def test_the_fraction_of_the_whole_never_goes_back(told: list[tuple[str, float, float | None]], floor: float) -> None:
    whole = Whole(Speeds(), floor)
    before = whole.now.fraction
    for step, done, left_s in told:
        whole.begin(step, step)
        whole.tell(step, done, left_s)
        assert before <= whole.now.fraction <= 1
        before = whole.now.fraction


def test_nothing_is_told_of_the_time_left_until_a_speed_was_measured() -> None:
    clock, speeds = Clock(), Speeds()
    first = Whole(speeds, clock=clock)
    first.song_s, first.way = 100.0, SPLIT
    first.begin("download", "download")
    clock.now_s = 10.0
    first.tell("download", 0.5)
    assert first.now.left_s is None  # how long the long step takes is not known yet
    first.end()
    first.begin("reference", "queued")
    clock.now_s = 60.0
    first.tell("separate", 0.5, 50.0)
    assert first.now.left_s == 50.0  # as its worker says
    clock.now_s = 110.0
    first.end()

    second = Whole(speeds, clock=clock)
    second.song_s, second.way = 200.0, SPLIT
    second.begin("download", "download")
    assert second.now.left_s == pytest.approx(20 + 200)  # twice the song, twice the time
    clock.now_s += 5.0
    second.tell("download", 0.5)
    assert second.now.left_s == pytest.approx(5 + 200)  # this download runs faster than the last one
    pair = Whole(speeds, clock=clock)
    pair.song_s, pair.way = 200.0, PAIR
    pair.begin("download", "download")
    assert pair.now.left_s is None  # a pair is not split: what a split took says nothing of it


def test_speeds_outlive_their_process_and_a_damaged_file_is_no_speed(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    speeds = Speeds(path)
    speeds.took(SPLIT, "reference", 50.0, 100.0)
    speeds.keep()
    assert Speeds(path).expected_s(SPLIT, "reference", 200.0) == pytest.approx(100.0)
    assert [file.name for file in tmp_path.iterdir()] == ["speeds.json"]
    for damaged in ("", "[]", '{"split/reference": "fast"}', '{"split/reference": -1}', '{"split/reference": NaN}'):
        path.write_text(damaged)
        assert Speeds(path).expected_s(SPLIT, "reference", 200.0) is None


def test_refusals_of_the_service_keep_their_code_and_what_passes_by_itself_is_no_refusal() -> None:
    def error(status: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
        return grpc.aio.AioRpcError(status, grpc.aio.Metadata(), grpc.aio.Metadata(), details)

    full = refusal(error(grpc.StatusCode.RESOURCE_EXHAUSTED, "disk-full: the disk is full"))
    assert full is not None
    assert (full.code, full.detail) == ("disk-full", "the disk is full")
    missing = refusal(error(grpc.StatusCode.FAILED_PRECONDITION, "separation-missing: fetch htdemucs: it is small"))
    assert missing is not None
    assert missing.detail == "fetch htdemucs: it is small"
    odd = refusal(error(grpc.StatusCode.INVALID_ARGUMENT, "secrets of the inside"))
    assert odd is not None
    assert odd.code == "service-failed"
    assert "inside" not in odd.detail
    assert refusal(error(grpc.StatusCode.UNAVAILABLE, "away")) is None
    assert refusal(error(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy: too many songs")) is None


def source(**details: str) -> Source:
    return Source("youtube:abcdefghijk", Kind.YOUTUBE, "X - Air (Official)", "XVEVO", 10.0, DAY, details=details)


FETCHED = Fetched(Path("x"), None, None, HASH, "X - Air (Official)", "XVEVO", 10.0)
LYRICS = FoundLyrics(
    "youtube:abcdefghijk",
    "lrclib",
    "fr",
    True,
    (LyricLine("Un air", 1.0), LyricLine(""), LyricLine("de rien", 4.0, 5.0, (LyricWord("de", 4.0),))),
    DAY,
    DAY,
    offset_s=0.5,
)


def test_the_names_of_the_track_go_before_those_of_the_video() -> None:
    song = known_song(source(track_title="Air", track_artist="X"), FETCHED, None)
    assert (song.title, song.artist, song.source, song.source_id) == ("Air", "X", "youtube", "youtube:abcdefghijk")
    assert song.id == f"x-air-{HASH[:12]}" == song_id_of(song)


def test_a_song_made_of_a_video_goes_by_its_own_names_and_not_by_the_pages() -> None:
    song = known_song(source(), FETCHED, None)
    assert (song.title, song.artist) == ("Air", "X")
    untold = replace(source(), title="", artist="")
    page = replace(FETCHED, title="Queen - Bohemian Rhapsody (Official Video)", artist="Queen Official")
    song = known_song(untold, page, None)
    assert (song.title, song.artist) == ("Bohemian Rhapsody", "Queen")
    assert names_of(untold, page) == (page.title, page.artist)  # lyrics are asked for under both
    own = replace(source(), kind=Kind.UPLOAD)
    assert known_song(own, FETCHED, None).title == "X - Air (Official)"


def test_timed_lines_are_known_before_and_lie_where_the_singers_moved_them() -> None:
    phrases = known_song(source(), FETCHED, LYRICS).voices[0].reference.melody.phrases
    assert [(one.text, one.onset_s, one.offset_s) for one in phrases] == [("Un air", 1.5, 4.5), ("de rien", 4.5, 5.5)]
    request = words_request(song_pb2.Song(content_hash=HASH), LYRICS)
    assert [(line.text, line.onset_s) for line in request.lines] == [("Un air", 1.5), ("de rien", 4.5)]
    assert (request.language, request.lines[1].words[0].onset_s) == ("fr", 4.5)
    assert not request.lines[0].HasField("offset_s")


def test_words_give_their_text_to_phrases_that_have_none() -> None:
    song = song_pb2.Song()
    melody = song.voices.add(name="P1").reference.melody
    melody.phrases.add(text="As written", onset_s=1.0, offset_s=2.0)
    melody.phrases.add(onset_s=3.0, offset_s=5.0)
    song.confidence.remarks.extend(["bleed", "no-lyrics"])
    found = song_pb2.Lyrics(language="fr")
    for text, onset_s in (("as", 1.2), ("la", 3.0), ("la", 4.0)):
        found.words.add(text=text, onset_s=onset_s, offset_s=onset_s + 0.5, phrase=0)  # one line of the lyrics
    new = with_words(song, found, "lrclib")
    assert [phrase.text for phrase in new.voices[0].reference.melody.phrases] == ["As written", "la la"]
    assert [word.phrase for word in new.voices[0].reference.lyrics.words] == [0, 1, 1]
    assert (new.language, new.voices[0].reference.lyrics.source) == ("fr", "lrclib")
    assert list(new.confidence.remarks) == ["bleed"]
    assert list(song.confidence.remarks) == ["bleed", "no-lyrics"]


@pytest.mark.parametrize(
    ("listened", "followed", "is_told"),
    [(22, 2, True), (22, 0, True), (22, 4, False), (4, 0, False), (0, 0, False), (5, 0, True)],
)
def test_words_that_are_hardly_heard_in_the_voice_are_remarked(listened: int, followed: int, is_told: bool) -> None:
    song = song_pb2.Song()
    song.voices.add(name="P1").reference.melody.phrases.add(onset_s=1.0, offset_s=2.0)
    reply = reference_pb2.AlignWordsReply(listened_lines=listened, followed_lines=followed)
    assert not sung_words(song, reply, "lrclib").HasField("confidence")
    song.confidence.remarks.append("bleed")
    told = list(sung_words(song, reply, "lrclib").confidence.remarks)
    assert told == ["bleed", "words-differ"] if is_told else told == ["bleed"]


def test_only_plain_files_of_a_prepared_song_are_taken(tmp_path: Path) -> None:
    stems = Stems(tmp_path.as_uri())
    (tmp_path / HASH).mkdir()
    (tmp_path / HASH / "vocals.flac").write_bytes(b"x")
    with stems.workplace() as workplace:
        assert stems.prepared_file(HASH, "vocals.flac", workplace).read_bytes() == b"x"
        for content_hash, name in ((HASH, "../secret"), (HASH, "none.flac"), ("..", "vocals.flac")):
            with pytest.raises(SourceError):
                stems.prepared_file(content_hash, name, workplace)
    assert not workplace.exists()


def test_a_store_elsewhere_is_worked_on_by_copies(tmp_path: Path) -> None:
    stems = Stems("memory://stems-of-a-test")
    with stems.workplace() as workplace:
        (workplace / "x.ogg").write_bytes(b"sound")
        key = stems.keep_original(workplace / "x.ogg", HASH, "vocals")
    assert key == f"originals/{HASH}-vocals.ogg"
    (kept,) = stems.kept()
    assert (kept.content_hash, kept.keys) == (HASH, (key,))
    stems.delete(kept)
    assert stems.kept() == []
