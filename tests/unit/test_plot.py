"""The picture of a take: what is a hit on it, how the song is cut into rows, and texts that try to break it."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from voicejury.v1 import verdict_pb2

from deploy.commands.plot import curve_of, draw_verdict, marks_of, pitch_bounds, row_spans
from deploy.commands.plot_words import WORDS, note_name, number
from inference.domain.rules import ScoringRules

RULES = ScoringRules()
CENTS = (0.0, 40.0, 90.0, -90.0, 300.0)


def verdict(text: str = "la la", seconds: float = 6.0) -> verdict_pb2.Verdict:
    """Every written point sung off by one of CENTS in turn, then a rest with singing, then a note unsung."""
    points = []
    for number_ in range(round(seconds / 0.05)):
        song_s = 0.05 * number_
        written = 0.0 if 2.0 <= song_s < 3.0 else 60.0
        sung = 0.0 if song_s >= 4.0 else 60.0 + CENTS[number_ % len(CENTS)] / 100
        points.append(verdict_pb2.CurvePoint(song_s=song_s, sung_midi=sung, written_midi=written))
    line = verdict_pb2.LineVerdict(text=text, onset_s=0.0, offset_s=seconds, pitch=61.5)
    return verdict_pb2.Verdict(total=61.5, pitch=61.5, rhythm=50.0, curve=points, lines=[line], estimator="crepe-tiny")


def test_each_sung_point_has_one_mark_by_its_distance() -> None:
    curve = curve_of(verdict())
    counts = {marks.shape: int(marks.where.sum()) for marks in marks_of(curve, RULES)}
    sung = int((~np.isnan(curve.sung)).sum())
    in_rest = int((~np.isnan(curve.sung) & np.isnan(curve.written)).sum())
    each = (sung - in_rest) / len(CENTS)
    assert counts == {".": in_rest, "o": 2 * each, "^": each, "v": each, "x": each}
    assert sum(counts.values()) == sung


def test_hits_near_ones_and_misses_differ_in_shape_and_in_colour() -> None:
    marks = marks_of(curve_of(verdict()), RULES)
    assert len({mark.shape for mark in marks}) == len(marks)
    assert len({mark.colour for mark in marks if mark.shape in "o^x"}) == 3


@pytest.mark.parametrize(("seconds", "rows"), [(0.0, 1), (12.0, 1), (33.0, 2), (180.0, 9), (1800.0, 12)])
def test_a_song_is_cut_into_equal_rows_that_hold_all_of_it(seconds: float, rows: int) -> None:
    spans = row_spans(seconds)
    assert len(spans) == rows
    assert spans[0][0] == 0
    assert spans[-1][1] >= seconds
    assert len({end - start for start, end in spans}) == 1


def test_a_stray_point_does_not_flatten_the_picture() -> None:
    with_stray = verdict()
    with_stray.curve[0].sung_midi = 110.0
    assert pitch_bounds(curve_of(with_stray))[1] < 70


def test_notes_and_numbers_are_written_as_the_language_does() -> None:
    assert [note_name(midi, WORDS["en"]) for midi in (60, 69, 70)] == ["C4", "A4", "A♯4"]
    assert [note_name(midi, WORDS["fr"]) for midi in (60, 69, 59)] == ["do3", "la3", "si2"]
    assert number(-3.25, 1, WORDS["fr"]) == "−3,2"
    assert number(2.0, 0, WORDS["en"], signed=True) == "+2"


@pytest.mark.parametrize("text", ["$x_{", "<b>&amp;</b>", "愛 ラララ שלום", "la " * 300, "", "a\x00b\nc"])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_no_words_break_the_picture(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    draw_verdict(path, verdict(text), text, "fr", RULES)
    assert path.stat().st_size > 5_000
    if suffix == ".svg":
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_a_take_of_which_nothing_was_measured_is_drawn_too(tmp_path: Path) -> None:
    draw_verdict(tmp_path / "none.png", verdict_pb2.Verdict(), "", "en", RULES)
    assert (tmp_path / "none.png").stat().st_size > 5_000


def test_the_same_take_gives_the_same_picture(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw_verdict(tmp_path / name, verdict(), "Song", "fr", RULES)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
