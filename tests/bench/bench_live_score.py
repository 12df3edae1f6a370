"""What a frame costs the live judge at the beginning of a long song and at its end (`make bench-live-score`)."""

import statistics
import sys
import time
import tracemalloc
from dataclasses import replace

from inference.domain.live_score import LiveScorer
from inference.domain.melody import Melody, Phrase
from inference.domain.rules import ScoringRules
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.places import ROOT
from tests.unit.synthetic_singers import RULES, Singer, sing, tune

HOP_S = 0.010
FRAMES = 102_000
BLOCK = 400  # frames of one timing
EARLY, LATE = 100, 100_000  # the frames whose costs are compared
FINISHED_EVERY, SCORE_EVERY = 10, 50  # frames, as the live judge asks
SINGERS_HOP_S = 0.020


def long_song(seconds: float) -> Melody:
    """A minute of a tune, again and again."""
    minute = tune(1, 60.0)
    period_s = minute.phrases[-1].offset_s + 1.0
    phrases: list[Phrase] = []
    while (shift_s := period_s * (len(phrases) // len(minute.phrases))) < seconds:
        phrases += [_moved(phrase, shift_s) for phrase in minute.phrases]
    return Melody(tuple(phrases))


def _moved(phrase: Phrase, by_s: float) -> Phrase:
    notes = tuple(replace(n, onset_s=n.onset_s + by_s, offset_s=n.offset_s + by_s) for n in phrase.notes)
    return replace(phrase, onset_s=phrase.onset_s + by_s, offset_s=phrase.offset_s + by_s, notes=notes)


def costs_us(song: Melody, rules: ScoringRules, semitones: float) -> list[float]:
    """CPU microseconds per frame of each block of frames, the whole song through."""
    track = sing(song, Singer(cents=100.0 * semitones))
    scorer = LiveScorer(song, rules)
    frames = list(zip(track.times_s.tolist(), track.f0_hz.tolist(), strict=True))[:FRAMES]
    costs = []
    for first in range(0, len(frames), BLOCK):
        started_s = time.process_time()
        for number, (song_s, f0_hz) in enumerate(frames[first : first + BLOCK]):
            scorer.judge_frame(song_s, f0_hz, True, HOP_S)
            if number % FINISHED_EVERY == 0:
                scorer.finished(song_s)
            if number % SCORE_EVERY == 0:
                scorer.score()
        costs.append(1e6 * (time.process_time() - started_s) / len(frames[first : first + BLOCK]))
    return costs


def _around(costs: list[float], frame: int) -> float:
    """Median of five blocks from that frame on."""
    block = min(frame // BLOCK, len(costs) - 5)
    return statistics.median(costs[block : block + 5])


def time_figures() -> list[Figure]:
    song = long_song(FRAMES * HOP_S)
    figures = []
    for name, semitones in (("in the written key", 0.0), ("three semitones up", 3.0)):
        costs = costs_us(song, RULES, semitones)
        early, late = _around(costs, EARLY), _around(costs, LATE)
        figures += [
            Figure(f"frame {EARLY}, {name}", early, "us"),
            Figure(f"frame {LATE}, {name}", late, "us", baseline=early),
            Figure(f"frame {LATE} over frame {EARLY}, {name}", late / early, "times", target=2.0),
            Figure(f"dearest {BLOCK} frames over the median, {name}", max(costs) / statistics.median(costs), "times"),
        ]
    singers = 0.6 * 1e6 * SINGERS_HOP_S / statistics.median(costs)
    return [*figures, Figure("singers whose scores one core keeps at 60 % load, 20 ms hop", singers, "")]


def memory_figures() -> list[Figure]:
    """What the scorer holds after half an hour, and how much of it came with the frames."""
    song = long_song(1800.0)
    track = sing(song, Singer())
    frames = list(zip(track.times_s.tolist(), track.f0_hz.tolist(), strict=True))
    tracemalloc.start()
    scorer = LiveScorer(song, RULES)
    made_mb = tracemalloc.get_traced_memory()[0] / 1e6
    for number, (song_s, f0_hz) in enumerate(frames[::2]):
        scorer.judge_frame(song_s, f0_hz, True, SINGERS_HOP_S)
        if number % FINISHED_EVERY == 0:
            scorer.finished(song_s)
    held_mb = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return [
        Figure("memory of one singer, song of half an hour", held_mb, "MB", target=20.0),
        Figure("of which came with 90 000 frames", held_mb - made_mb, "MB", target=1.0),
    ]


def main() -> int:
    report = Report()
    report.section("time per frame", time_figures)
    report.section("memory", memory_figures)
    print_report(report)
    write_report(report, ROOT / "docs" / "benchmarks.md", "bench-live-score")
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
