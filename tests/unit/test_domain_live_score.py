"""The running score on small melodies."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.domain.cents import credit_of
from inference.domain.live_score import Hit, LineDone, LiveScorer, NoteDone, Rating
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import Level, ScoringRules, rules_for
from tests.unit.synthetic_singers import Singer, sing, tune

HOP_S = 0.010
SHARP = Singer(cents=45.0, note_sd_cents=20.0)
TUNE = (60, 62, 64, 65, 67, 65, 64, 60)


def melody(lines: int = 4, kind: NoteKind = NoteKind.NORMAL) -> Melody:
    phrases = []
    for line in range(lines):
        start = 5.0 * line
        notes = tuple(
            Note(start + 0.5 * i, start + 0.5 * (i + 1), midi + line, kind, "la", True) for i, midi in enumerate(TUNE)
        )
        phrases.append(Phrase(start, start + 4.0, notes, "la la"))
    return Melody(tuple(phrases))


def frames(song: Melody, semitones: float = 0.0, late_s: float = 0.0) -> list[tuple[float, float]]:
    """(song_s, f0_hz) of a singer who sings every note, then rests."""
    end = song.phrases[-1].offset_s
    notes = [note for line in song.phrases for note in line.notes]
    out = []
    for hop in range(round((end + 1.0) / HOP_S)):
        song_s = hop * HOP_S
        sung = [n for n in notes if n.onset_s + late_s <= song_s < n.offset_s + late_s]
        out.append((song_s, 440.0 * 2 ** ((sung[0].midi + semitones - 69) / 12) if sung else 0.0))
    return out


def score_of(scorer: LiveScorer, sung: list[tuple[float, float]]) -> float:
    for song_s, f0_hz in sung:
        scorer.judge_frame(song_s, f0_hz, True, HOP_S)
        scorer.finished(song_s)
    scorer.finished(100.0)
    return scorer.score().pitch


@pytest.mark.parametrize("semitones", [0.0, 12.0, -12.0, -24.0])
def test_the_written_notes_in_any_octave_are_worth_98_or_more(semitones: float) -> None:
    assert score_of(LiveScorer(melody(), ScoringRules()), frames(melody(), semitones)) >= 98


def test_a_short_constant_latency_does_not_ruin_the_score() -> None:
    assert score_of(LiveScorer(melody(), ScoringRules()), frames(melody(), late_s=0.1)) >= 97


def test_another_key_is_taken_over_once_the_first_lines_are_sung_in_it() -> None:
    scorer = LiveScorer(melody(), ScoringRules())
    assert score_of(scorer, frames(melody(), 3.0)) >= 97
    assert scorer.key_shift_semitones == 3.0


def test_silence_is_worth_nothing() -> None:
    scorer = LiveScorer(melody(), ScoringRules())
    assert score_of(scorer, [(song_s, 0.0) for song_s, _ in frames(melody())]) == 0


def test_a_song_that_comes_backwards_counts_like_one_in_order() -> None:
    sung = frames(melody(), 0.2)
    forwards, backwards = LiveScorer(melody(), ScoringRules()), LiveScorer(melody(), ScoringRules())
    for song_s, f0_hz in sung:
        forwards.judge_frame(song_s, f0_hz, True, HOP_S)
    for song_s, f0_hz in reversed(sung):
        backwards.judge_frame(song_s, f0_hz, True, HOP_S)
    forwards.finished(100.0)
    backwards.finished(100.0)
    assert forwards.score().pitch == pytest.approx(backwards.score().pitch, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.4, 3.0, -4.0]),
    st.sampled_from([0.0, 60.0]),
    st.integers(1, 40),
)
def test_any_chunks_order_and_repetition_within_the_grace_give_the_same_score(
    seed: int, semitones: float, vibrato_cents: float, chunk: int
) -> None:
    rng = np.random.default_rng(seed)
    sung = [
        (song_s, f0_hz * 2.0 ** (vibrato_cents * math.sin(35.0 * song_s) / 1200.0))
        for song_s, f0_hz in frames(melody(), semitones)
    ]
    arrival_s = np.array([song_s for song_s, _ in sung]) + rng.uniform(0.0, 0.19, len(sung))
    shuffled = [sung[n] for n in np.argsort(arrival_s, kind="stable")]
    plain, torn = LiveScorer(melody(), ScoringRules()), LiveScorer(melody(), ScoringRules())
    told = [event for song_s, f0_hz in sung for event in fed(plain, [(song_s, f0_hz)])]
    told_torn = []
    for first in range(0, len(shuffled), chunk):
        part = shuffled[first : first + chunk]
        again = [part[n] for n in rng.integers(0, len(part), 3)]  # frames that come twice
        told_torn += fed(torn, [*part, *again])
    told += plain.finished(100.0)
    told_torn += torn.finished(100.0)
    assert torn.score().pitch == pytest.approx(plain.score().pitch, abs=1e-9)
    assert torn.score().measured == pytest.approx(plain.score().measured, abs=1e-9)
    assert [type(event) for event in told_torn] == [type(event) for event in told]
    assert torn.key_shift_semitones == plain.key_shift_semitones == semitones * (abs(semitones) >= 1)


def fed(scorer: LiveScorer, part: list[tuple[float, float]]) -> list[NoteDone | LineDone]:
    """Frames of one chunk, then what is over with them."""
    for song_s, f0_hz in part:
        scorer.judge_frame(song_s, f0_hz, True, HOP_S)
    return scorer.finished(part[0][0])


def test_late_data_counts_for_the_phrase_it_belongs_to() -> None:
    sung = frames(melody(2))
    scorer = LiveScorer(melody(2), ScoringRules())
    late = [frame for frame in sung if 1.0 <= frame[0] < 2.0]
    told = [event for frame in sung if frame not in late for event in fed(scorer, [frame])]
    line = next(event for event in told if isinstance(event, LineDone))
    assert line.measured == pytest.approx(0.75, abs=0.02)
    before = scorer.score()
    for song_s, f0_hz in late:
        scorer.judge_frame(song_s, f0_hz, True, HOP_S)
    scorer.finished(100.0)
    assert scorer.score().measured > before.measured
    assert scorer.score().pitch >= 98


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("singer", [Singer(note_sd_cents=40.0), Singer(vibrato_cents=80.0, vibrato_hz=6.0), SHARP])
def test_a_hit_shown_is_a_hit_scored(level: Level, singer: Singer) -> None:
    rules, song = rules_for(level), tune(5, 25.0)
    scorer = LiveScorer(song, rules)
    track = sing(song, singer)
    shown_s: dict[tuple[int, int], float] = {}
    notes = {(p, n): note for p, line in enumerate(song.phrases) for n, note in enumerate(line.notes)}
    told: list[NoteDone | LineDone] = []
    for song_s, f0_hz in zip(track.times_s.tolist(), track.f0_hz.tolist(), strict=True):
        judged = scorer.judge_frame(song_s, f0_hz, True, HOP_S)
        on = next((place for place, note in notes.items() if note.onset_s <= song_s < note.offset_s), None)
        if judged.hit is Hit.HIT and on is not None:
            shown_s[on] = shown_s.get(on, 0.0) + HOP_S
        told += scorer.finished(song_s)
    credits = {(event.phrase, event.note): event.credit for event in told if isinstance(event, NoteDone)}
    least = float(credit_of(np.array([rules.hit_cents + 5.0]), rules)[0])  # 5: half a bin of the live judge
    assert len(shown_s) > 20
    for place, seconds in shown_s.items():
        length_s = notes[place].offset_s - notes[place].onset_s
        edges_s = 2 * rules.live_edge_s  # beside a note its neighbour may claim a frame that fits it better
        assert credits[place] >= least * min(1.0, (seconds - edges_s) / length_s) - 1e-6


def test_credit_that_was_told_is_not_taken_back_when_the_key_is_found() -> None:
    scorer = LiveScorer(melody(), ScoringRules())
    told: list[NoteDone | LineDone] = []
    for song_s, f0_hz in frames(melody(), 3.0):
        told += fed(scorer, [(song_s, f0_hz)])
    scorer.finished(100.0)
    assert scorer.key_shift_semitones == 3.0
    notes = scorer._notes
    for event in told:
        if isinstance(event, NoteDone):
            number = next(n for n, s in enumerate(notes.slots) if (s.phrase, s.index) == (event.phrase, event.note))
            assert notes.credit_s(number) >= event.credit * notes.due_s(number) - 1e-9


def test_a_gap_costs_nothing_and_lowers_only_what_was_measured() -> None:
    scorer = LiveScorer(melody(), ScoringRules())
    for song_s, f0_hz in frames(melody()):
        scorer.judge_frame(song_s, f0_hz, not 5.0 <= song_s < 9.0, HOP_S)
    done = scorer.finished(100.0)
    score = scorer.score()
    assert score.pitch >= 98
    assert score.measured == pytest.approx(0.75, abs=0.02)
    lines = [event for event in done if isinstance(event, LineDone)]
    assert [line.rating for line in lines].count(Rating.NOT_MEASURED) == 1


def test_each_note_and_line_is_told_once_and_a_line_after_its_notes() -> None:
    scorer = LiveScorer(melody(2), ScoringRules())
    told: list[NoteDone | LineDone] = []
    for song_s, f0_hz in frames(melody(2)):
        scorer.judge_frame(song_s, f0_hz, True, HOP_S)
        told.extend(scorer.finished(song_s))
    told.extend(scorer.finished(100.0))
    assert sum(isinstance(event, NoteDone) for event in told) == 16
    assert sum(isinstance(event, LineDone) for event in told) == 2
    first_line = next(i for i, event in enumerate(told) if isinstance(event, LineDone))
    assert all(isinstance(event, NoteDone) and event.phrase == 0 for event in told[:8])
    assert first_line >= 8


def test_a_frame_is_a_hit_near_or_miss_by_its_cents() -> None:
    scorer = LiveScorer(melody(), ScoringRules())

    def hit(cents: float, song_s: float = 0.25) -> Hit:
        return scorer.judge_frame(song_s, 440.0 * 2 ** ((60 + cents / 100 - 69) / 12), True, HOP_S).hit

    assert [hit(10), hit(-45), hit(80), hit(500)] == [Hit.HIT, Hit.HIT, Hit.NEAR, Hit.MISS]
    assert hit(0, 4.7) is Hit.NONE


def test_freestyle_notes_are_never_judged() -> None:
    scorer = LiveScorer(melody(1, NoteKind.FREESTYLE), ScoringRules())
    assert scorer.judge_frame(0.25, 261.6, True, HOP_S).hit is Hit.NONE
    assert not [event for event in scorer.finished(100.0) if isinstance(event, NoteDone)]


def test_more_detuning_never_scores_more() -> None:
    fixed_key = ScoringRules(key_free=False)
    scores = [score_of(LiveScorer(melody(), fixed_key), frames(melody(), c / 100)) for c in range(0, 160, 20)]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(scores))


@pytest.mark.parametrize("semitones", [0.0, 0.6, 3.0])
def test_a_score_asked_for_all_the_time_ends_where_one_asked_for_once_does(semitones: float) -> None:
    sung = frames(melody(), semitones)
    late = [*sung[300:], *sung[:300]]  # the beginning comes when its notes were called over
    often, once = LiveScorer(melody(), ScoringRules()), LiveScorer(melody(), ScoringRules())
    for song_s, f0_hz in late:
        often.judge_frame(song_s, f0_hz, True, HOP_S)
        often.finished(song_s)
        often.score()
        once.judge_frame(song_s, f0_hz, True, HOP_S)
        once.finished(song_s)
    often.finished(100.0)
    once.finished(100.0)
    assert often.score().pitch == pytest.approx(once.score().pitch, abs=1e-9)
    assert often.score().measured == pytest.approx(1.0, abs=0.01)


def test_a_score_looks_only_at_the_notes_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = LiveScorer(melody(40), ScoringRules())
    for song_s, f0_hz in frames(melody(40)):
        scorer.judge_frame(song_s, f0_hz, True, HOP_S)
    scorer.finished(1000.0)
    before = scorer.score()
    looked_at: list[int] = []
    count = LiveScorer._count

    def counted(self: LiveScorer, number: int) -> None:
        looked_at.append(number)
        count(self, number)

    monkeypatch.setattr(LiveScorer, "_count", counted)
    assert scorer.score() == before
    assert looked_at == []
    scorer.judge_frame(0.2534, 440.0, True, HOP_S)
    scorer.score()
    assert looked_at == [0]
