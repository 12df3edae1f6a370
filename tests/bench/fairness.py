"""`make fairness`: every law's figure, and the usual recipes beside our judge, in less than eight minutes."""

import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import numpy as np
from rich.console import Console
from rich.table import Table

from inference.domain.live_score import LiveScorer
from inference.models.estimators import build_estimator
from tests.accuracy import claims_channel, claims_contours, claims_nothing, claims_sound
from tests.accuracy.claims import Claim
from tests.accuracy.claims_contours import ALL, new_tune, pairs, rises_of_single_tunes, sung_songs
from tests.accuracy.takes import FINAL, Parts, parts_of
from tests.bench.fairness_games import games_on_other_songs
from tests.bench.fairness_page import FAIRNESS, LAWS, Measured, Remark, fairness_block, laws_block, write_between
from tests.bench.fairness_traps import Row, recipes_on_other_songs, rows
from tests.support.corpus import corpus
from tests.support.places import RECORDINGS, ROOT
from tests.unit.synthetic_singers import RULES, Singer, score, sing

EVERY_PAIR = 20  # of the corpus is given to fastdtw, which takes a second for each
SOUNDS = (claims_sound, claims_nothing, claims_channel)
WORKERS = 2  # processes: takes are judged one by one, on one thread each
PARTS = ("pitch", "rhythm")
OF_THREE = "mean / p95 / largest"
Found = tuple[float, str]  # what was measured, or why it could not be


def measured(module: str) -> list[Found]:
    """Each claim of a module. One broken measurement does not hide the others."""
    return [_measured(claim) for claim in import_module(module).claims()]


def _measured(claim: Claim) -> Found:
    try:
        return claim.measure(), ""
    except Exception as error:  # the table must come, whatever one claim met
        return float("nan"), (str(error).strip() or type(error).__name__).splitlines()[0]


def contours_and_remarks() -> tuple[list[Found], list[Remark]]:
    """In one process, which judges every pair of songs once."""
    return measured(claims_contours.__name__), remarks()


def run() -> tuple[list[Row], list[Measured], list[Remark]]:
    """Everything, on two processes, the longest first."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        contours = pool.submit(contours_and_remarks)
        sounds = {module: pool.submit(measured, module.__name__) for module in SOUNDS}
        recipes, traps = pool.submit(recipe_remarks), pool.submit(rows)
        found = _with(claims_contours.claims(), contours.result()[0])
        for module, future in sounds.items():
            found += _with(module.claims(), future.result())
        return traps.result(), found, [*contours.result()[1], *recipes.result()]


def _with(claims: list[Claim], found: list[Found]) -> list[Measured]:
    return [Measured(claim, *figure) for claim, figure in zip(claims, found, strict=True)]


def remarks() -> list[Remark]:
    """What has no limit in the laws."""
    earned = list(pairs(ALL).values())
    return [
        Remark(f"pairs of songs, the first {ALL.song_s:.0f} s of each from the first note on", f"{len(earned)}"),
        *(Remark(f"a random other song, our {part}: {OF_THREE}", _distribution(earned, part)) for part in PARTS),
        *game_remarks(),
        *(
            Remark(f"law 4 for a single tune, where luck counts too, {text}: largest rise", f"{rise:.1f} points")
            for text, rise in rises_of_single_tunes(ALL.seeds).items()
        ),
        Remark(f"live against final on contours sung well and badly: {OF_THREE}", _three(_live_apart())),
        Remark("the estimator that judges here", build_estimator(FINAL).name),
    ]


def game_remarks() -> list[Remark]:
    """The random baseline of karaoke games, on every pair."""
    points = games_on_other_songs(corpus(ALL.song_s), sung_songs(ALL.song_s))
    return [
        Remark(f"a random other song by the rule of {rule}: {OF_THREE}", _three(values))
        for rule, values in points.items()
    ]


def recipe_remarks() -> list[Remark]:
    """The random baseline of the recipes."""
    points = np.array(recipes_on_other_songs(sung_songs(ALL.song_s), EVERY_PAIR))
    names = ("fastdtw on Hz", "fastdtw on centred cents")
    text = f"on {len(points)} of the pairs: {OF_THREE}"
    return [
        Remark(f"a random other song, {name}, {text}", _three(column.tolist()))
        for name, column in zip(names, points.T, strict=True)
    ]


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
    for one in sorted(found, key=lambda one: one.claim.law):
        table.add_row(str(one.claim.law), *one.cells)
    console.print(table)
    for remark in said:
        console.print(f"{remark.text}: {remark.value}")


def main() -> int:
    if not RECORDINGS.is_dir():
        print("fairness needs the test recordings: set VOICEJURY_TEST_DATA to their folder", file=sys.stderr)
        return 1
    Console(stderr=True).print("measuring ...")
    traps, found, said = run()
    show(traps, found, said)
    write_between(ROOT / "docs" / "benchmarks.md", FAIRNESS, fairness_block(traps, said, found))
    write_between(ROOT / "docs" / "scoring.md", LAWS, laws_block(found))
    return 0 if all(claim.verdict == "pass" for claim in found) else 1


if __name__ == "__main__":
    sys.exit(main())
