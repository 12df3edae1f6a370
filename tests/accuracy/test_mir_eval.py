"""The scores that mir_eval expects of its own pairs, by the code that scores us: a figure is worth its ruler."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import pytest

from tests.bench.scores import melody_score, onset_f
from tests.unit.recordings import recording

MELODY_NAMES = {
    "Raw Pitch Accuracy": "raw_pitch",
    "Raw Chroma Accuracy": "raw_chroma",
    "Overall Accuracy": "overall",
    "Voicing Recall": "recall",
    "Voicing False Alarm": "false_alarm",
}


def pairs(kind: str, least: int) -> list[tuple[Path, Path, dict[str, Any]]]:
    """Reference, estimate and expected scores; never none."""
    expected = sorted(recording(f"pitch/mir_eval/{kind}").glob("output*.json"))
    assert len(expected) >= least, f"{len(expected)} pairs of {kind}"
    return [
        (
            path.with_name(path.name.replace("output", "ref")).with_suffix(".txt"),
            path.with_name(path.name.replace("output", "est")).with_suffix(".txt"),
            json.loads(path.read_text()),
        )
        for path in expected
    ]


def test_melodies_get_the_scores_that_mir_eval_expects() -> None:
    for reference, estimate, expected in pairs("melody", 10):
        truth, found = (mir_eval.io.load_time_series(str(path)) for path in (reference, estimate))
        scores = asdict(melody_score(*truth, *found))
        for name, ours in MELODY_NAMES.items():
            assert scores[ours] == pytest.approx(expected[name], abs=1e-9), (estimate.name, name)


def test_note_onsets_get_the_scores_that_mir_eval_expects() -> None:
    for reference, estimate, expected in pairs("transcription", 10):
        truth, found = (np.loadtxt(path, ndmin=2)[:, 0] for path in (reference, estimate))
        assert onset_f(truth, found) == pytest.approx(expected["Onset_F-measure"], abs=1e-9), estimate.name


def test_alignments_get_the_scores_that_mir_eval_expects() -> None:
    for reference, estimate, expected in pairs("alignment", 5):
        truth, found = (np.loadtxt(path, ndmin=2, usecols=0)[:, 0] for path in (reference, estimate))
        scores = mir_eval.alignment.evaluate(truth, found)
        for name, value in expected.items():
            assert scores[name] == pytest.approx(value, abs=1e-9), (estimate.name, name)
