"""`make fairness`: every law's figure, and the usual recipes beside our judge, in less than eight minutes."""

import sys
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.table import Table

from inference.domain.live_score import LiveScorer
from inference.models.estimators import build_estimator
from tests.accuracy import claims_channel, claims_contours, claims_nothing, claims_sound
from tests.accuracy.claims import Claim
from tests.accuracy.claims_contours import ALL, new_tune, pairs, rises_of_single_tunes, sung_songs
from tests.accuracy.takes import FINAL, Parts, parts_of
from tests.bench.fairness_page import FAIRNESS, LAWS, Measured, Remark, fairness_block, laws_block, write_between
from tests.bench.fairness_traps import Row, recipes_on_other_songs, rows
from tests.support.places import RECORDINGS, ROOT
from tests.unit.synthetic_singers import RULES, Singer, score, sing

EVERY_PAIR = 15  # of the corpus is given to fastdtw, which takes a second for each
GIVEN = (claims_contours, claims_sound, claims_nothing, claims_channel)


def measure(claim: Claim) -> Measured:
    """One broken measurement does not hide the others."""
    try:
        return Measured(claim, claim.measure())
    except Exception as error:  # the table must come, whatever one claim met
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        return Measured(claim, float("nan"), reason)


def remarks() -> Iterator[Remark]:
    """What has no limit in the laws."""
    earned = list(pairs(ALL).values())
    yield Remark("pairs of songs, the first 60 s of each from the first note on", f"{len(earned)}")
    for part in ("pitch", "rhythm"):
        yield Remark(f"a random other song, our {part}: mean / p95 / largest", _distribution(earned, part))
    recipes = np.array(recipes_on_other_songs(sung_songs(ALL.song_s), EVERY_PAIR))
    for name, points in zip(("fastdtw on Hz", "fastdtw on centred cents"), recipes.T, strict=True):
        text = f"the same by {name}, {len(points)} of the pairs: mean / p95 / largest"
        yield Remark(text, _three(points.tolist()))
    for text, rise in rises_of_single_tunes(ALL.seeds).items():
        yield Remark(f"law 4 for a single tune, {text}: largest rise", f"{rise:.1f} points")
    apart = _live_apart()
    yield Remark("live against final on contours sung well and badly: mean / p95 / largest", _three(apart))
    yield Remark("the estimator that judges here", build_estimator(FINAL).name)


def _distribution(earned: list[Parts], part: str) -> str:
    return _three([getattr(parts, part) for parts in earned])


def _three(values: list[float]) -> str:
    return f"{np.mean(values):.1f} / {np.percentile(values, 95):.1f} / {np.max(values):.1f} points"


def _live_apart() -> list[float]:
    """Points between the live pitch and the verdict's."""
    habits: list[dict[str, float]] = [{}, {"note_sd_cents": 60.0}, {"drop": 0.3}, {"jitter_s": 0.05}]
    return [_apart(seed, habit) for seed in ALL.seeds for habit in habits]


def _apart(seed: int, habit: dict[str, float]) -> float:
    melody = new_tune(seed)
    track = sing(melody, Singer(seed=seed, **habit))
    live = LiveScorer(melody, RULES)
    for song_s, f0_hz in zip(track.times_s, track.f0_hz, strict=True):
        live.judge_frame(float(song_s), float(f0_hz), True, track.hop_s)
    live.finished(float(track.times_s[-1]) + 1.0)
    return abs(live.score().pitch - parts_of(score(melody, track)).pitch)


def show(traps: list[Row], found: list[Measured], said: list[Remark]) -> None:
    console = Console()
    table = Table("case", "fastdtw Hz", "fastdtw cents", "pitch", "rhythm", "pitch, key fixed", title="traps")
    for row in traps:
        values = (row.hz, row.cents, row.pitch, row.rhythm, row.pitch_in_key)
        table.add_row(row.case, *(f"{value:.1f}" for value in values))
    console.print(table)
    table = Table("law", "claim", "measured", "wanted", "")
    for measured in sorted(found, key=lambda measured: measured.claim.law):
        table.add_row(str(measured.claim.law), *measured.cells)
    console.print(table)
    for remark in said:
        console.print(f"{remark.text}: {remark.value}")


def main() -> int:
    if not RECORDINGS.is_dir():
        print("fairness needs the test recordings: set VOICEJURY_TEST_DATA to their folder", file=sys.stderr)
        return 1
    progress = Console(stderr=True)
    found: list[Measured] = []
    for module in GIVEN:
        progress.print(f"measuring: {module.__name__.rsplit('.', 1)[1]} ...")
        found += [measure(claim) for claim in module.claims()]
    progress.print("measuring: the recipes ...")
    traps, said = rows(), list(remarks())
    show(traps, found, said)
    write_between(ROOT / "docs" / "benchmarks.md", FAIRNESS, fairness_block(traps, said, found))
    write_between(ROOT / "docs" / "scoring.md", LAWS, laws_block(found))
    return 0 if all(measured.verdict == "pass" for measured in found) else 1


if __name__ == "__main__":
    sys.exit(main())
