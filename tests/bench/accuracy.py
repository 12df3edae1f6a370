"""How near f0, voicing and note onsets are to the truth, beside torchcrepe.predict, in one run: `make accuracy`.

One voicing threshold for every condition. The scores are mir_eval's; what it counts is told in scores.py.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np

from inference.domain.contour import grid_frames, sung_contour
from inference.domain.notes import found_notes, sung_onsets
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats, PitchTrack
from inference.models.estimators import build_estimator
from tests.bench.accuracy_set import CONDITIONS, annotated_notes, real_singer, synthetic
from tests.bench.accuracy_tracks import ALONE, FINAL, LIVE, STOCK, STOCK_ONE_HOP, Heard, heard, live_estimator
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.bench.scores import MelodyScore, mean_score, onset_f, without_offset

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
REAL = "vocadito_1"
RAW_PITCH = {LIVE: {"clean": 99.5, "20 dB": 97.5, "10 dB": 93.5}, FINAL: {"clean": 99.5, "20 dB": 98.5, "10 dB": 94.0}}
BASELINE = {LIVE: STOCK_ONE_HOP, FINAL: STOCK}  # each as it is used
REAL_TARGETS = {"raw pitch": 98.5, "recall": 95.0, "false alarm": 10.0}
BLEED_FALSE_ALARM = 15.0
ONSET_F = 95.0
ROUNDING = 0.005  # percent: two cells that print alike are alike

Cells = dict[str, dict[str, MelodyScore]]  # by condition, then by way


def everything_heard() -> dict[str, list[Heard]]:
    """By condition; the real singer is one of them."""
    by_condition = {condition: [heard(sung) for sung in synthetic(condition)] for condition in CONDITIONS}
    return by_condition | {REAL: [heard(real_singer())]}


def cells_of(by_condition: dict[str, list[Heard]]) -> Cells:
    """The mean over the singers."""
    return {
        condition: {way: mean_score([one.scores[way] for one in takes]) for way in takes[0].scores}
        for condition, takes in by_condition.items()
    }


def raw_pitch_figures(cells: Cells) -> list[Figure]:
    figures = []
    for way in (LIVE, FINAL):
        for condition in (*CONDITIONS, REAL):
            target = REAL_TARGETS["raw pitch"] if condition == REAL else RAW_PITCH[way].get(condition)
            baseline = 100 * cells[condition][BASELINE[way]].raw_pitch
            value = 100 * cells[condition][way].raw_pitch
            figures.append(Figure(f"{condition}: raw pitch accuracy, {way}", value, "%", target, True, baseline))
    return figures


def precision_figures(cells: Cells) -> list[Figure]:
    """The median error; on synthetic singing at most half of the baseline's."""
    figures = []
    for way in (LIVE, FINAL):
        for condition in (*CONDITIONS, REAL):
            baseline = cells[condition][BASELINE[way]].median_cents
            target = None if condition == REAL else baseline / 2
            value = cells[condition][way].median_cents
            figures.append(Figure(f"{condition}: median error, {way}", value, "cents", target, baseline=baseline))
    return figures


def voicing_figures(cells: Cells) -> list[Figure]:
    figures = []
    for way in (LIVE, FINAL):
        for condition in (*CONDITIONS, REAL):
            score, stock = cells[condition][way], cells[condition][BASELINE[way]]
            least = REAL_TARGETS["recall"] if condition == REAL else None
            most = {REAL: REAL_TARGETS["false alarm"], "bleed": BLEED_FALSE_ALARM}.get(condition)
            recall, false_alarm, stock_alarm = 100 * score.recall, 100 * score.false_alarm, 100 * stock.false_alarm
            figures += [
                Figure(f"{condition}: voicing recall, {way}", recall, "%", least, True, 100 * stock.recall),
                Figure(f"{condition}: voicing false alarm, {way}", false_alarm, "%", most, baseline=stock_alarm),
            ]
    return figures


def below_stock(cells: Cells, way: str, stock: str) -> list[str]:
    """The cells in which predict is better."""
    below = []
    for condition, scores in cells.items():
        ours, theirs = scores[way], scores[stock]
        for measure in ("raw_pitch", "raw_chroma", "overall"):
            if 100 * (getattr(theirs, measure) - getattr(ours, measure)) > ROUNDING:
                below.append(f"{condition} {measure.replace('_', ' ')}")
    return below


def comparison_figures(cells: Cells) -> list[Figure]:
    """Raw pitch, raw chroma and overall accuracy in every condition: in how many predict is better."""
    figures = []
    for way, stock in ((LIVE, STOCK_ONE_HOP), (FINAL, STOCK), (LIVE, STOCK)):
        below = below_stock(cells, way, stock)
        names = f" ({', '.join(below)})" if below else ""
        target = 0 if BASELINE[way] == stock else None
        figures.append(Figure(f"cells of {3 * len(cells)} in which {stock} beats {way}{names}", len(below), "", target))
    return figures


def choice_figures(cells: Cells) -> list[Figure]:
    """Each estimator alone, so that the choice between them stays measurable."""
    return [
        figure
        for way in ALONE.values()
        for condition in (*CONDITIONS, REAL)
        for figure in (
            Figure(f"{condition}: raw pitch accuracy, {way}", 100 * cells[condition][way].raw_pitch, "%"),
            Figure(f"{condition}: median error, {way}", cells[condition][way].median_cents, "cents"),
            Figure(f"{condition}: voicing false alarm, {way}", 100 * cells[condition][way].false_alarm, "%"),
        )
    ]


def onsets_of(track: PitchTrack) -> Floats:
    """As the judge finds them, in a sound that begins with its song."""
    rules = ScoringRules()
    contour = sung_contour(track, track.times_s, grid_frames(float(track.times_s[-1]), rules), rules)
    return sung_onsets(found_notes(contour, rules), contour, rules).times_s


def onset_figures(by_condition: dict[str, list[Heard]]) -> list[Figure]:
    """Of the final pass. The judge takes one latency off a take, so the target is without it; the rest is told."""
    figures = []
    for condition in CONDITIONS:
        pairs = [(one.sung.onsets_s, onsets_of(one.final)) for one in by_condition[condition]]
        plain = 100 * float(np.mean([onset_f(truth, found) for truth, found in pairs]))
        shifted = 100 * float(np.mean([onset_f(truth, without_offset(truth, found)) for truth, found in pairs]))
        target = ONSET_F if condition == "clean" else None
        figures += [
            Figure(f"{condition}: onsets within 50 ms, one offset a take taken off, F", shifted, "%", target, True),
            Figure(f"{condition}: the same as they stand", plain, "%"),
        ]
    return figures


def annotator_figures(by_condition: dict[str, list[Heard]]) -> list[Figure]:
    """Two people write down other notes, too: nobody can agree better with both than they do with each other."""
    found_s = onsets_of(by_condition[REAL][0].final)
    truths = {annotator: annotated_notes(annotator)[0] for annotator in ("A1", "A2")}
    agreement = 100 * onset_f(truths["A1"], truths["A2"])
    figures = [Figure(f"{REAL}: onsets of A1 and A2 with each other, F", agreement, "%")]
    for name, truth_s in truths.items():
        share = 100 * onset_f(truth_s, found_s)
        figures.append(Figure(f"{REAL}: onsets against {name}, F", share, "%", baseline=agreement))
    return figures


def difference_figures(by_condition: dict[str, list[Heard]]) -> list[Figure]:
    """How far the live pitch is from the final one in the same frames."""
    figures = []
    for condition, takes in by_condition.items():
        pairs = [_same_frames(one.live, one.final) for one in takes]
        live_hz, final_hz = (np.concatenate(side) for side in zip(*pairs, strict=True))
        both = (live_hz > 0) & (final_hz > 0)
        cents = np.abs(1200 * np.log2(live_hz[both] / final_hz[both]))
        alike = 100 * float(np.mean((live_hz > 0) == (final_hz > 0)))
        figures += [
            Figure(f"{condition}: live from final, median", float(np.median(cents)), "cents"),
            Figure(f"{condition}: live within 50 cents of final", 100 * float(np.mean(cents <= 50)), "%"),
            Figure(f"{condition}: frames voiced alike live and final", alike, "%"),
        ]
    return figures


def _same_frames(live: PitchTrack, final: PitchTrack) -> tuple[Floats, Floats]:
    every = round(live.hop_s / final.hop_s)
    count = min(len(live.f0_hz), -(-len(final.f0_hz) // every))
    return live.f0_hz[:count], final.f0_hz[::every][:count]


def pitch_figures(by_condition: dict[str, list[Heard]]) -> list[Figure]:
    cells = cells_of(by_condition)
    parts = (comparison_figures, raw_pitch_figures, precision_figures, voicing_figures, choice_figures)
    return [figure for part in parts for figure in part(cells)]


SECTIONS = {
    "pitch and voicing": pitch_figures,
    "note onsets": onset_figures,
    "the annotators": annotator_figures,
    "live and final": difference_figures,
}


def main() -> int:
    report = Report()
    print(f"live: {live_estimator().name}; final: {build_estimator('auto').name}", file=sys.stderr)
    by_condition = everything_heard()
    for name, figures in SECTIONS.items():
        report.section(name, partial(figures, by_condition))
    print_report(report)
    write_report(report, PAGE, "accuracy")
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
