"""Cancelled while it is sung or afterwards: the same samples; and what is asked before anything is cancelled."""

from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest
import soundfile
from voicejury.v1 import song_pb2, verdict_pb2

from inference.analysis.cancelling import FollowedCancellers, cleaned
from inference.analysis.following.follower import Followed, Follower
from inference.analysis.following.remembered import Remembered
from inference.analysis.judging import pitch, sung_take
from inference.analysis.separating import Mode, Separation, separate, trust_in
from inference.analysis.sung import Sung, sung_file
from inference.audio.bleed.backings import Backings
from inference.audio.bleed.canceller import Canceller
from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.audio.take import read_take
from inference.models.estimator import OnProgress
from inference.models.separator import Separator, Split, Stereo
from tests.support.growing_spool import GrowingSpool
from tests.support.rooms import Bleeding, bleeding
from tests.unit.synthetic_singers import RULES
from tests.unit.test_bleed import SECONDS, rhythmic_noise, singer
from tests.unit.test_take_tracking import CountedCrepe, assert_same

STEP = 40_960


@pytest.fixture(scope="module")
def take() -> Bleeding:
    return bleeding(singer(), rhythmic_noise(), -6.0)


def put(folder: Path, sound: Samples, song_id: str = "a-song") -> song_pb2.Song:
    (folder / song_id).mkdir(parents=True)
    soundfile.write(folder / song_id / "air.wav", sound, SAMPLE_RATE_HZ, subtype="FLOAT")
    return song_pb2.Song(id=song_id, audio_key="air.wav")


def separation(folder: Path, mode: Mode = "auto", network: Separator | None = None) -> Separation:
    return Separation(mode, Backings(folder.as_uri()), network)


def sung(take: Bleeding) -> Sung:
    return replace(sung_file(take.heard), session_id="one")


def follow(one: Separation, song: song_pb2.Song, take: Sung, until: int) -> None:
    followed = one.filter_for(take.session_id, song)
    assert followed is not None
    assert take.clock is not None
    for first in range(0, until, STEP):
        end = min(first + STEP, until)
        is_over = end == len(take.samples)
        followed.push(take.samples[first:end], take.measured[first:end], take.clock, is_over)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_what_was_followed_is_what_the_judging_makes_of_the_whole(tmp_path: Path, take: Bleeding, share: float) -> None:
    song, whole = put(tmp_path, take.song), sung(take)
    assert whole.clock is not None
    expected = cleaned(Canceller(take.song), whole.samples, whole.measured, whole.clock)
    one = separation(tmp_path)
    follow(one, song, whole, round(share * len(whole.samples)))
    found = separate(whole, song, separation=one)
    assert np.array_equal(found.voice.samples, expected.samples)
    assert found.bleed is not None
    assert found.bleed.method == "cancelled"
    assert found.bleed.left_db == pytest.approx(expected.found.left_db)


def test_a_take_that_was_filled_in_later_is_cancelled_anew(take: Bleeding) -> None:
    whole, known = sung(take), FollowedCancellers()
    assert whole.clock is not None
    followed = known.add("one", lambda: Canceller(take.song))
    gone = whole.samples.copy()
    gone[20_000:30_000] = 0.0
    followed.push(gone, whole.measured, whole.clock, True)
    taken = known.take("one")
    assert taken is followed
    assert taken.finish(whole.samples, whole.measured, whole.clock) is None
    assert known.take("one") is None


def test_who_follows_has_nothing_more_to_do_when_the_judging_has_begun(take: Bleeding) -> None:
    whole = sung(take)
    assert whole.clock is not None
    followed = FollowedCancellers().add("one", lambda: Canceller(take.song))
    followed.push(whole.samples[:STEP], whole.measured[:STEP], whole.clock, False)
    assert followed.finish(whole.samples, whole.measured, whole.clock) is not None
    samples, measured = followed.push(whole.samples[STEP:], whole.measured[STEP:], whole.clock, True)
    assert len(samples) == len(measured) == 0


def test_moved_songs_and_forbidden_ones_have_no_filter(tmp_path: Path, take: Bleeding) -> None:
    song = put(tmp_path, take.song)
    moved = song_pb2.Song(id=song.id, audio_key=song.audio_key, tempo=0.9)
    assert separation(tmp_path).filter_for("one", moved) is None
    assert separation(tmp_path, "never").filter_for("one", song) is None
    assert separation(tmp_path).filter_for("one", song_pb2.Song(id=song.id)) is None


@pytest.mark.parametrize(
    ("song_id", "audio_key"),
    [
        ("..", "air.wav"),
        ("a-song", "../a-song/air.wav"),
        ("a-song", ".."),
        ("a-song", "none.wav"),
        ("", ""),
        ("A", "a"),
    ],
)
def test_only_a_songs_own_file_is_read(tmp_path: Path, take: Bleeding, song_id: str, audio_key: str) -> None:
    put(tmp_path, take.song)
    assert Backings(tmp_path.as_uri()).of(song_pb2.Song(id=song_id, audio_key=audio_key)) is None


def test_a_file_that_is_no_sound_costs_nothing_but_the_cancelling(tmp_path: Path, take: Bleeding) -> None:
    song = put(tmp_path, take.song)
    (tmp_path / song.id / song.audio_key).write_bytes(b"<html>no sound</html>")
    found = separate(sung(take), song, separation=separation(tmp_path))
    assert np.array_equal(found.voice.samples, take.heard)
    assert found.bleed is not None
    assert (found.bleed.method, found.bleed.reason) == ("none", "no-backing")


def test_a_song_is_read_once(tmp_path: Path, take: Bleeding) -> None:
    song, backings = put(tmp_path, take.song), Backings(tmp_path.as_uri())
    first = backings.of(song)
    assert first is backings.of(song)
    assert first is not None
    assert np.allclose(first, take.song, atol=1e-3)


class Halves:
    """A network that takes half of whatever it hears for the voice."""

    name = "halves"

    def split(self, mix: Stereo, on_progress: OnProgress) -> Split:
        on_progress(1.0)
        return Split(0.5 * mix, 0.5 * mix)

    def missing(self) -> str:
        return ""


def test_a_network_is_asked_where_the_setting_says_always(tmp_path: Path, take: Bleeding) -> None:
    song = put(tmp_path, take.song)
    without = separate(sung(take), song, separation=separation(tmp_path, "always"))
    found = separate(sung(take), song, separation=separation(tmp_path, "always", Halves()))
    assert without.bleed is not None
    assert without.bleed.method == "cancelled"
    assert found.bleed is not None
    assert found.bleed.method == "separated"
    assert len(found.voice.samples) == len(take.heard)
    inside = slice(SAMPLE_RATE_HZ, -SAMPLE_RATE_HZ)
    assert np.allclose(found.voice.samples[inside], 0.5 * without.voice.samples[inside], atol=0.01)


def test_confidence_falls_with_what_is_left() -> None:
    levels_db = (-30.0, -12.0, -6.0, 0.0, 20.0)
    trust = [trust_in(verdict_pb2.Bleed(method="cancelled", left_db=left_db)) for left_db in levels_db]
    assert trust[:2] == [1.0, 1.0]
    assert trust == sorted(trust, reverse=True)
    assert trust[-1] == 0.5
    assert trust_in(None) == trust_in(verdict_pb2.Bleed(method="none")) == 1.0


def test_the_pitch_of_a_take_is_followed_on_the_voice_alone(tmp_path: Path, take: Bleeding) -> None:
    """By a spool as it grows: at its end only what the look-ahead held back is left to do."""
    song = put(tmp_path / "songs", take.song)
    spool = GrowingSpool(tmp_path, "one", take.heard, np.ones(len(take.heard), np.bool_))
    crepe, remembered, one = CountedCrepe(), Remembered(), separation(tmp_path / "songs")
    what = Followed("one", song, RULES)
    follower = Follower(
        what, (fsspec.filesystem("file"), str(spool.path)), crepe, remembered, one.filter_for("one", song)
    )
    while spool.sung_s < SECONDS - 0.5:
        spool.sing(1.3)
        while follower.work():
            pass
    followed = crepe.windows
    spool.seal()
    with spool.path.open("rb") as file:
        whole = sung_take(read_take(file))
    found = separate(whole, song, separation=one)
    assert found.bleed is not None
    assert found.bleed.method == "cancelled"
    anew = separate(whole, song, separation=separation(tmp_path / "songs"))
    assert np.array_equal(found.voice.samples, anew.voice.samples)
    alone = CountedCrepe()
    assert_same(pitch(found.voice, crepe, RULES, known=remembered).track, pitch(anew.voice, alone, RULES).track)
    assert followed >= 150
    assert crepe.windows <= alone.windows + 256  # what was followed is not done again
