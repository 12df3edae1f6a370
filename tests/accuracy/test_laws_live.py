"""Law 11: live and final end within three points of each other on clean singing; where they do not, it is told why."""

import csv
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from inference.analysis.live_difference import TOLERATED_POINTS, why_live_differs
from inference.analysis.verdict import verdict_message
from inference.audio.files import load_mono_16k
from inference.domain.live_score import LiveScorer, NoteDone, Rating, RunningScore
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.track import PitchTrack
from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import Singer, score, sing, track_of, tune, with_gap

FOLDER = "pitch/vocadito_1"
LIVE_HOP_FRAMES = 2  # of the tracks' 10 ms: the live judge looks every 20 ms
SINGERS = (
    Singer(),
    Singer(vibrato_cents=80.0, vibrato_hz=6.0),
    Singer(late_s=0.08),
    Singer(note_sd_cents=15.0),
    Singer(cents=-1200.0, vibrato_cents=40.0),
)


def live(song: Melody, track: PitchTrack, rules: ScoringRules) -> RunningScore:
    scorer = LiveScorer(song, rules)
    hop_s = LIVE_HOP_FRAMES * track.hop_s
    rows = zip(track.times_s.tolist(), track.f0_hz.tolist(), track.measured.tolist(), strict=True)
    for song_s, f0_hz, measured in list(rows)[::LIVE_HOP_FRAMES]:
        scorer.judge_frame(song_s, f0_hz, measured, hop_s)
        scorer.finished(song_s)
    scorer.settle()
    scorer.finished(1e6)
    return scorer.score()


def difference(song: Melody, track: PitchTrack, rules: ScoringRules) -> float:
    """Points of live above final."""
    final = score(song, track, rules).pitch
    assert final is not None
    return live(song, track, rules).pitch - final


@pytest.mark.parametrize("level", list(Level))
def test_live_and_final_end_within_three_points_on_clean_singing(level: Level) -> None:
    rules = rules_for(level)
    off = []
    for seed in range(600, 621):
        song = tune(seed, 20.0)
        singer = replace(SINGERS[seed % len(SINGERS)], seed=seed)
        off.append(difference(song, sing(song, singer), rules))
    assert len(off) >= 20
    assert max(map(abs, off)) <= TOLERATED_POINTS, off


@pytest.mark.parametrize("level", [Level.KIND, Level.NORMAL])
def test_another_key_ends_within_three_points(level: Level) -> None:
    for seed in (630, 631, 632):
        song = tune(seed, 30.0)
        assert abs(difference(song, sing(song, Singer(cents=300.0, seed=seed)), rules_for(level))) <= TOLERATED_POINTS


def with_kinds(song: Melody) -> Melody:
    """Every third note golden, every fifth freestyle, every seventh rap."""
    number = 0
    phrases = []
    for phrase in song.phrases:
        notes = []
        for note in phrase.notes:
            number += 1
            kind = NoteKind.NORMAL
            for every, other in ((3, NoteKind.GOLDEN), (5, NoteKind.FREESTYLE), (7, NoteKind.RAP)):
                kind = other if number % every == 0 else kind
            notes.append(replace(note, kind=kind))
        phrases.append(replace(phrase, notes=tuple(notes)))
    return Melody(tuple(phrases))


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("seed", [640, 641, 642])
def test_golden_freestyle_and_rap_notes_count_alike_live_and_final(level: Level, seed: int) -> None:
    song = with_kinds(tune(seed, 20.0))
    assert abs(difference(song, sing(song, Singer(seed=seed)), rules_for(level))) <= TOLERATED_POINTS


def test_a_missed_golden_note_costs_twice_live_as_in_the_verdict() -> None:
    rules, plain = rules_for(Level.NORMAL), tune(643, 20.0)
    golden = replace(plain.phrases[0].notes[3], kind=NoteKind.GOLDEN)
    first = replace(plain.phrases[0], notes=(*plain.phrases[0].notes[:3], golden, *plain.phrases[0].notes[4:]))
    song = Melody((first, *plain.phrases[1:]))
    track = sing(plain, Singer())
    f0_hz = track.f0_hz.copy()
    f0_hz[round(golden.onset_s / track.hop_s) : round(golden.offset_s / track.hop_s)] = 0.0
    missed = replace(track, f0_hz=f0_hz)
    cost_golden = live(song, track, rules).pitch - live(song, missed, rules).pitch
    cost_plain = live(plain, track, rules).pitch - live(plain, missed, rules).pitch
    assert cost_golden == pytest.approx(2 * cost_plain, rel=0.15)
    assert abs(difference(song, missed, rules)) <= TOLERATED_POINTS


@cache
def recorded_voice() -> PitchTrack:
    samples = load_mono_16k(recording(f"{FOLDER}/vocadito_1.wav"))
    return track_pitch(samples, np.ones(len(samples), dtype=np.bool_), build_estimator("tiny"), 0.010)


def annotated(path: Path) -> Melody:
    """Rows of onset, frequency and duration."""
    with path.open(encoding="utf-8") as file:
        rows = [[float(value) for value in row] for row in csv.reader(file)]
    notes = [
        Note(onset_s, onset_s + length_s, 69 + 12 * math.log2(f0_hz / 440), NoteKind.NORMAL, "", True)
        for onset_s, f0_hz, length_s in rows
    ]
    return Melody((Phrase(notes[0].onset_s, notes[-1].offset_s, tuple(notes), ""),))


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("annotator", ["A1", "A2"])
def test_a_real_voice_ends_within_three_points_or_is_told_why(level: Level, annotator: str) -> None:
    rules = rules_for(level)
    song = annotated(recording(f"{FOLDER}/vocadito_1_notes{annotator}.csv"))
    track = recorded_voice()
    off = difference(song, track, rules)
    if level is Level.STRICT:  # a singer who is no studio singer is not clean singing there
        verdict = verdict_message(score(song, track, rules), rules)
        verdict.live_pitch = live(song, track, rules).pitch
        told = why_live_differs(verdict, song.phrases[-1].offset_s, song.phrases[-1].offset_s, rules)
        assert abs(off) <= TOLERATED_POINTS or told
        assert abs(off) <= 6.0
    else:
        assert abs(off) <= TOLERATED_POINTS


def test_a_gap_is_left_out_by_both() -> None:
    song, rules = tune(650, 30.0), rules_for(Level.NORMAL)
    torn = with_gap(sing(song, Singer(note_sd_cents=20.0)), 8.0, 15.0)
    assert abs(difference(song, torn, rules)) <= TOLERATED_POINTS
    assert live(song, torn, rules).measured == pytest.approx(score(song, torn, rules).measured, abs=0.04)


def test_silence_and_other_songs_are_worth_nothing_live_either() -> None:
    rules = rules_for(Level.NORMAL)
    song = tune(651, 30.0)
    assert live(song, track_of(np.full(3200, np.nan)), rules).pitch == 0
    others = [live(song, sing(tune(seed, 30.0), Singer()), rules).pitch for seed in range(660, 668)]
    assert float(np.mean(others)) <= 10


def test_a_lateness_that_live_cannot_take_out_is_told() -> None:
    song, rules = tune(652, 30.0), rules_for(Level.NORMAL)
    track = sing(song, Singer(late_s=0.4))
    verdict = verdict_message(score(song, track, rules), rules)
    verdict.live_pitch = live(song, track, rules).pitch
    told = why_live_differs(verdict, 30.0, 30.0, rules)
    assert verdict.live_pitch < verdict.pitch - TOLERATED_POINTS
    assert told
    assert "+4" in told or "+3" in told  # hundreds of milliseconds
    assert "live does not" in told


def test_the_lines_and_notes_that_were_told_agree_with_the_verdict() -> None:
    song, rules = tune(653, 30.0), rules_for(Level.NORMAL)
    track = sing(song, Singer(note_sd_cents=60.0))
    scorer = LiveScorer(song, rules)
    told = []
    for song_s, f0_hz in list(zip(track.times_s.tolist(), track.f0_hz.tolist(), strict=True))[::LIVE_HOP_FRAMES]:
        scorer.judge_frame(song_s, f0_hz, True, 0.02)
        told += scorer.finished(song_s)
    verdict = verdict_message(score(song, track, rules), rules)
    final_notes = {(line.phrase, note.note): note for line in verdict.lines for note in line.notes}
    live_notes = [event for event in told if isinstance(event, NoteDone)]
    assert len(live_notes) == len(final_notes)
    off = [abs(event.credit - final_notes[event.phrase, event.note].credit) for event in live_notes]
    cents = [abs(event.cents_off - final_notes[event.phrase, event.note].cents_off) for event in live_notes]
    assert float(np.mean(off)) <= 0.06
    assert float(np.median(cents)) <= 10.0  # one bin of the live judge
    assert Rating.NOT_MEASURED not in {event.rating for event in told if not isinstance(event, NoteDone)}
