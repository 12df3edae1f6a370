"""What a glide, a consonant and a breath cost inside a note."""

import numpy as np
import pytest

from inference.domain.note_credit import notes_by_pitch, with_breaths, without_glides
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

RULES = ScoringRules()
LENGTH = 60  # frames of the note, of 10 ms each
ONE_NOTE = np.zeros(LENGTH, dtype=np.int64)
RECEIVED = np.ones(LENGTH, dtype=np.bool_)


def sung_but(silent: slice, worth: float = 1.0) -> Floats:
    """Credit of one note after breaths; before, the silence is worth nothing."""
    voiced = RECEIVED.copy()
    voiced[silent] = False
    return with_breaths(np.where(voiced, worth, 0.0), ONE_NOTE, RECEIVED, voiced, RULES)


@pytest.mark.parametrize("silent", [slice(0, 20), slice(20, 40), slice(40, 60)])
def test_a_breath_of_200_ms_costs_nothing_wherever_it_is(silent: slice) -> None:
    assert sung_but(silent).tolist() == [1.0] * LENGTH


def test_a_breath_is_worth_no_more_than_the_note() -> None:
    assert sung_but(slice(40, 60), worth=0.9).tolist() == pytest.approx([0.9] * LENGTH)


def test_a_note_out_of_tune_has_no_breaths() -> None:
    assert sung_but(slice(40, 60), worth=0.7).sum() == pytest.approx(0.7 * 40)


def test_longer_silence_is_forgiven_less_and_half_of_a_note_not_at_all() -> None:
    credit = [float(sung_but(slice(LENGTH - silent, LENGTH)).sum()) for silent in (20, 22, 25, 28, 30, 45, 60)]
    assert credit == sorted(credit, reverse=True)
    assert credit[4:] == pytest.approx([30, 15, 0])


def test_what_was_not_received_is_no_breath() -> None:
    received = RECEIVED.copy()
    received[40:] = False
    credit = np.where(received, 1.0, 0.0)
    assert with_breaths(credit, ONE_NOTE, received, received, RULES).tolist() == credit.tolist()


def test_a_note_that_was_left_out_is_no_breath_of_its_neighbour() -> None:
    notes = np.repeat([0, 1], LENGTH // 2)
    voiced = notes == 0
    credit = np.where(voiced, 1.0, 0.0)
    assert with_breaths(credit, notes, RECEIVED, voiced, RULES).tolist() == credit.tolist()


def test_a_scoop_of_60_ms_is_healed_inside_its_pitch_only() -> None:
    midi = np.repeat([60.0, 62.0], LENGTH // 2)
    credit = np.ones(LENGTH)
    credit[22:36] = 0.0
    healed = without_glides(credit, midi, RULES)
    assert healed[22:28].tolist() == [1.0] * 6
    assert healed[28:30].tolist() == [0.0] * 2
    assert healed[30:36].tolist() == [1.0] * 6


def test_notes_are_parted_by_steps_and_rests() -> None:
    parts = notes_by_pitch(np.array([60.1, 59.9, 62.0, np.nan, 62.0]))
    assert parts.tolist() == [0, 0, 1, 2, 3]
