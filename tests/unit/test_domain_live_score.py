"""The running score on small melodies."""

import itertools

import pytest

from inference.domain.live_score import Hit, LineDone, LiveScorer, NoteDone, Rating
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import ScoringRules

HOP_S = 0.010
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


def test_frames_out_of_order_count_like_frames_in_order() -> None:
    sung = frames(melody(), 0.6)
    forwards, backwards = LiveScorer(melody(), ScoringRules()), LiveScorer(melody(), ScoringRules())
    for song_s, f0_hz in sung:
        forwards.judge_frame(song_s, f0_hz, True, HOP_S)
    for song_s, f0_hz in reversed(sung):
        backwards.judge_frame(song_s, f0_hz, True, HOP_S)
    forwards.finished(100.0)
    backwards.finished(100.0)
    assert forwards.score().pitch == pytest.approx(backwards.score().pitch, abs=1e-6)


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
    scorer.judge_frame(0.25, 440.0, True, HOP_S)
    scorer.score()
    assert looked_at == [0]
