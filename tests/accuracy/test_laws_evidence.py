"""Law 13: every lost point belongs to a line and a reason, at every level, whatever was sung."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from voicejury.v1 import verdict_pb2

from inference.analysis.verdict import verdict_message
from inference.domain.melody import Lyrics, Melody, Word
from inference.domain.rules import Level, rules_for
from inference.domain.take_score import Heard, TakeScore, Written, score_take
from inference.domain.track import PitchTrack
from tests.unit.synthetic_singers import NO_RECOGNISER, NO_WORDS, Singer, sing, track_of, tune, with_gap

SONG = tune(4, 20.0)
OTHER = tune(9, 20.0)
FRAMES = 2300
TAKES = {
    "good": sing(SONG, Singer()),
    "detuned": sing(SONG, Singer(note_sd_cents=60.0)),
    "half": sing(SONG, Singer(drop=0.5)),
    "early and late": sing(SONG, Singer(jitter_s=0.1)),
    "another key": sing(SONG, Singer(cents=400.0, note_sd_cents=30.0)),
    "a clock that drifts": sing(SONG, Singer(tempo=1.001)),
    "another tempo": sing(SONG, Singer(tempo=1.004)),
    "torn": with_gap(sing(SONG, Singer(note_sd_cents=40.0)), 5.0, 9.0),
    "silence": track_of(np.full(FRAMES, np.nan)),
    "one note without a rest": track_of(np.full(FRAMES, 60.0)),
    "another song": sing(OTHER, Singer()),
}
REASONS = {"flat", "sharp", "missed", "late", "early", "extra", "word-missing", "word-wrong"}


def judged(track: PitchTrack, level: Level, route_latency_s: float | None = None) -> verdict_pb2.Verdict:
    rules = rules_for(level)
    take = score_take(Written(SONG, NO_WORDS, None), track, track.times_s, NO_RECOGNISER, rules, route_latency_s)
    return verdict_message(take, rules)


def assert_explained(verdict: verdict_pb2.Verdict) -> list[verdict_pb2.Loss]:
    losses = [loss for line in verdict.lines for loss in line.losses]
    assert sum(loss.points for loss in losses) == pytest.approx(100.0 - verdict.total, abs=0.01)
    for part, weight in verdict.weights_used.items():
        lost = weight * (100.0 - getattr(verdict, part))
        assert sum(loss.points for loss in losses if loss.part == part) == pytest.approx(lost, abs=0.01)
    assert {loss.reason for loss in losses} <= REASONS
    assert all(loss.points > 0 and math.isfinite(loss.song_s) for loss in losses)
    return losses


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("name", TAKES)
def test_the_lost_points_add_up_to_what_is_missing(name: str, level: Level) -> None:
    verdict = judged(TAKES[name], level)
    assert_explained(verdict)
    for line in verdict.lines:
        for note in line.notes:
            assert 0.0 <= note.credit <= 1.0
            assert math.isfinite(note.cents_off)


@pytest.mark.parametrize("level", list(Level))
def test_lateness_of_a_calibrated_route_is_explained_as_late(level: Level) -> None:
    losses = assert_explained(judged(sing(SONG, Singer(late_s=0.3)), level, route_latency_s=0.02))
    late = sum(loss.points for loss in losses if (loss.part, loss.reason) == ("rhythm", "late"))
    assert late > 10
    assert late >= 0.95 * sum(loss.points for loss in losses if loss.part == "rhythm")


def test_each_loss_stands_in_its_line() -> None:
    verdict = judged(TAKES["detuned"], Level.NORMAL)
    for line in verdict.lines:
        written = {round(note.onset_s, 6) for note in line.notes}
        assert {round(loss.song_s, 6) for loss in line.losses if loss.reason in ("flat", "sharp")} <= written


@pytest.mark.parametrize("level", list(Level))
def test_lines_that_are_not_written_are_told_as_extra_in_pitch_and_rhythm(level: Level) -> None:
    written = Melody(SONG.phrases[::2])
    track = sing(SONG, Singer())
    take = score_take(Written(written, NO_WORDS, None), track, track.times_s, NO_RECOGNISER, rules_for(level))
    losses = assert_explained(verdict_message(take, rules_for(level)))
    extra = {loss.part: loss for loss in losses if loss.reason == "extra"}
    assert extra.keys() == {"pitch", "rhythm"}
    assert any(loss.points >= 2 for loss in extra.values())


def words_of(song: Melody) -> Lyrics:
    """A word for each note."""
    names = ("lune", "soleil", "étoile", "nuage", "rivière", "montagne", "oiseau", "jardin")
    return Lyrics(
        "fr",
        tuple(
            Word(names[n % 8], note.onset_s, note.offset_s, index)
            for index, phrase in enumerate(song.phrases)
            for n, note in enumerate(phrase.notes)
        ),
    )


@pytest.mark.parametrize("spoiled", ["left out", "changed", "added"])
def test_words_are_explained_too(spoiled: str) -> None:
    rules, lyrics = rules_for(Level.NORMAL), words_of(SONG)
    heard = [word.text for word in lyrics.words]
    if spoiled == "left out":
        heard = heard[:-6]
    elif spoiled == "changed":
        heard[3:8] = ["banane"] * 5
    else:
        heard[10:10] = [f"bavardage{n}" for n in "abcdefghijklmnopqrstuvwxyz"]
    track = sing(SONG, Singer(note_sd_cents=30.0))
    take: TakeScore = score_take(Written(SONG, lyrics, None), track, track.times_s, Heard(" ".join(heard), ""), rules)
    verdict = verdict_message(take, rules)
    assert verdict.lyrics < 100
    assert_explained(verdict)


TUNES = [tune(seed, 10.0) for seed in range(4)]
singers = st.builds(
    Singer,
    note_sd_cents=st.sampled_from([0.0, 40.0, 100.0, 300.0]),
    jitter_s=st.sampled_from([0.0, 0.05, 0.15]),
    drop=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
    cents=st.sampled_from([0.0, 50.0, 200.0, -1200.0]),
    late_s=st.sampled_from([0.0, 0.2, 0.5]),
    tempo=st.sampled_from([1.0, 1.003, 1.03]),
    seed=st.integers(0, 3),
)
transcripts = st.lists(st.sampled_from(["lune", "soleil", "étoile", "machin", "truc"]), max_size=40)
NEARLY_NOTHING = 0.9  # share of the frames lost: onsets are not received, pitch is


@settings(max_examples=40, deadline=None)
@given(
    singers,
    st.sampled_from([0.0, 0.02, 0.3, NEARLY_NOTHING]),
    transcripts,
    st.sampled_from(Level),
    st.booleans(),
    st.sampled_from([None, 0.0, 0.2, 0.5]),
)
@example(Singer(seed=1), NEARLY_NOTHING, ["lune"], Level.NORMAL, True, None)
@example(Singer(seed=2, drop=0.9), NEARLY_NOTHING, [], Level.KIND, True, 0.2)
def test_whatever_is_sung_and_lost_on_the_way_every_lost_point_is_explained(
    singer: Singer, lost: float, heard: list[str], level: Level, key_free: bool, route_latency_s: float | None
) -> None:
    song, rules = TUNES[singer.seed], replace(rules_for(level), key_free=key_free)
    sung = sing(song, singer)
    received = np.random.default_rng(singer.seed).random(len(sung.measured)) >= lost
    track = replace(sung, measured=sung.measured & received)
    text = Heard(" ".join(heard), "")
    take = score_take(Written(song, words_of(song), None), track, track.times_s, text, rules, route_latency_s)
    if lost == NEARLY_NOTHING:
        assert take.rhythm is None
        assert "too little sound" in take.reasons["rhythm"]
    if take.total is not None:
        assert 0 <= take.total <= 100
        assert_explained(verdict_message(take, rules))


@pytest.mark.parametrize(("received_s", "measured"), [(1.7, False), (12.0, True)])
def test_rhythm_is_not_measured_by_a_few_onsets_of_many(received_s: float, measured: bool) -> None:
    take = score_take(
        Written(SONG, NO_WORDS, None),
        with_gap(sing(SONG, Singer()), received_s, 30.0),
        sing(SONG, Singer()).times_s,
        NO_RECOGNISER,
        rules_for(Level.NORMAL),
    )
    assert (take.rhythm is not None) == measured
    assert ("rhythm" in take.reasons) != measured
