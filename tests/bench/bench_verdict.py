"""`make bench-verdict`: from the last note to the scores and to the last juror, for takes of 30 s, 3 min and 6 min.

Each take is sung into a real spool by a synthetic voice, faster than real time and its last seconds in real time,
while the analysis (a process of its own) follows it over gRPC. Beside it the same take is judged by the same process
without having been followed. Each repeat sings another song: what is kept of a song cannot help the next one.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, song_pb2, verdict_pb2

from inference.analysis.references import contour_message
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.analysis_process import AnalysisProcess, analysis_process
from tests.support.growing_spool import GrowingSpool
from tests.support.places import ROOT
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import Singer, sing, tune

PAGE = ROOT / "docs" / "benchmarks.md"
SECTION = "bench-verdict"
LENGTHS_S = {"30 s": 30.0, "3 min": 180.0, "6 min": 360.0}
REPEATS = 3
SPEED = 8.0  # times real time, until the last seconds
REAL_TIME_S = 8.0
PACKETS_S = 0.1  # written at once
MOST_S = 3.0
MOST_LATER_S = 1.0
PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Performance:
    """A song and somebody who sings it; the second song is another one to whatever keeps songs."""

    song: song_pb2.Song
    sound: NDArray[np.float32]


@dataclass(slots=True)
class Waits:
    """Seconds after the last note, one value per repeat."""

    scores_s: list[float] = field(default_factory=list)
    jury_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)  # of the analysis, after the last note
    singing_cpu_s: list[float] = field(default_factory=list)  # of the analysis, while it was sung
    totals: list[float] = field(default_factory=list)


def performance(seconds: float, seed: int) -> Performance:
    melody = tune(seed, seconds)
    phrases = [
        song_pb2.Phrase(
            onset_s=phrase.onset_s,
            offset_s=phrase.offset_s,
            text=phrase.text,
            notes=[
                song_pb2.Note(onset_s=n.onset_s, offset_s=n.offset_s, midi=round(n.midi), syllable="la")
                for n in phrase.notes
            ],
        )
        for phrase in melody.phrases
    ]
    original = contour_message(sing(melody, Singer(seed=1000 + seed)))
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=phrases), contour=original)
    song = song_pb2.Song(
        id=f"bench-{seed}",
        title="Bench",
        language="fr",
        duration_s=seconds,
        voices=[song_pb2.Voice(reference=reference)],
    )
    singer = Singer(seed=seed, note_sd_cents=25.0, jitter_s=0.02)
    return Performance(song, sound_of(sing(melody, singer), Voice(seed=seed)))


def transposed(song: song_pb2.Song, semitones: int) -> song_pb2.Song:
    """The same song to a judge that folds keys, another one to whatever keeps songs."""
    other = song_pb2.Song()
    other.CopyFrom(song)
    reference = other.voices[0].reference
    for phrase in reference.melody.phrases:
        for note in phrase.notes:
            note.midi += semitones
    reference.contour.f0_hz[:] = [f0_hz * 2 ** (semitones / 12) for f0_hz in reference.contour.f0_hz]
    return other


async def sung(spool: GrowingSpool, seconds: float) -> None:
    """The take, up to its seal; the clock decides how much, so that a late wake-up loses nothing."""
    began_s = time.monotonic()
    fast_s = max(0.0, seconds - REAL_TIME_S)
    while spool.sung_s < seconds:
        gone_s = time.monotonic() - began_s
        due_s = gone_s * SPEED if gone_s * SPEED < fast_s else fast_s + gone_s - fast_s / SPEED
        if due_s > spool.sung_s:
            spool.sing(due_s - spool.sung_s)
        await asyncio.sleep(PACKETS_S)


async def follow(analysis: AnalysisProcess, session_id: str, song: song_pb2.Song) -> None:
    request = analysis_pb2.FollowRequest(session_id=session_id, song=song)
    stub = analysis_pb2_grpc.AnalysisServiceStub(analysis.channel)
    async for _ in stub.Follow(request, metadata=analysis.metadata):
        pass


async def judged(analysis: AnalysisProcess, session_id: str, song: song_pb2.Song, waits: Waits) -> verdict_pb2.Verdict:
    request = analysis_pb2.JudgeRequest(
        session_id=session_id, take_key=f"{session_id}/take.spool", song=song, language="fr"
    )
    began_s, began_cpu_s = time.monotonic(), analysis.cpu_s
    stub = analysis_pb2_grpc.AnalysisServiceStub(analysis.channel)
    call = stub.Judge(request, metadata=analysis.metadata, timeout=PATIENCE_S)
    at_s: dict[str, float] = {}
    async for event in call:
        at_s[event.WhichOneof("event") or ""] = time.monotonic() - began_s
        verdict = event.verdict
    waits.scores_s.append(at_s["scores"])
    waits.jury_s.append(at_s["juror"])
    waits.cpu_s.append(analysis.cpu_s - began_cpu_s)
    waits.totals.append(verdict.total)
    return verdict


async def both_ways(analysis: AnalysisProcess, name: str, number: int, followed: Waits, offline: Waits) -> None:
    """One take that is followed, and the same one without that."""
    one = performance(LENGTHS_S[name], 17 * number + len(name))
    everything = np.ones(len(one.sound), np.bool_)
    spool = GrowingSpool(analysis.takes, f"with-{len(one.sound)}-{number}", one.sound, everything)
    following = asyncio.create_task(follow(analysis, spool.path.parent.name, one.song))
    began_cpu_s = analysis.cpu_s
    await sung(spool, len(one.sound) / 16_000)
    followed.singing_cpu_s.append(analysis.cpu_s - began_cpu_s)
    spool.seal()
    first = await judged(analysis, spool.path.parent.name, one.song, followed)
    await following
    again = GrowingSpool(analysis.takes, f"without-{len(one.sound)}-{number}", one.sound, everything)
    again.seal()
    second = await judged(analysis, again.path.parent.name, transposed(one.song, 1), offline)
    if abs(first.total - second.total) > 1.0:  # of a song a semitone higher: its key is found
        raise RuntimeError(f"the two ways give {first.total:.2f} and {second.total:.2f} points")


async def measured(folder: Path) -> tuple[dict[str, Waits], dict[str, Waits], float]:
    followed, offline = ({name: Waits() for name in LENGTHS_S} for _ in range(2))
    async with analysis_process(folder) as analysis:
        warm = Waits(), Waits()
        await both_ways(analysis, "30 s", 99, *warm)
        for number in range(REPEATS):
            for name in LENGTHS_S:
                await both_ways(analysis, name, number, followed[name], offline[name])
                print(f"{name}: {followed[name].scores_s[-1]:.2f} s, offline {offline[name].scores_s[-1]:.2f} s")
        return followed, offline, analysis.peak_mb


def figures(followed: dict[str, Waits], offline: dict[str, Waits], peak_mb: float) -> list[Figure]:
    """The offline time of the same takes is the baseline of each."""
    out = []
    for name in LENGTHS_S:
        ours, plain = followed[name], offline[name]
        for what in ("scores", "jury"):
            label = {"scores": "the scores", "jury": "the last juror"}[what]
            wait_s, plain_s = (statistics.median(getattr(one, f"{what}_s")) for one in (ours, plain))
            out.append(Figure(f"{name}: last note to {label}, p50", wait_s, "s", MOST_S, baseline=plain_s))
        out.append(Figure(f"{name}: the slowest of {REPEATS}, to the last juror", max(ours.jury_s), "s"))
        cpu_s, plain_cpu_s = statistics.median(ours.cpu_s), statistics.median(plain.cpu_s)
        out.append(Figure(f"{name}: CPU of the analysis after the last note", cpu_s, "s", baseline=plain_cpu_s))
        while_sung = 100 * statistics.median(ours.singing_cpu_s) / LENGTHS_S[name]
        out.append(Figure(f"{name}: CPU of the analysis while it is sung, of one core in real time", while_sung, "%"))
    shortest, *_, longest = LENGTHS_S
    for what, label in (("scores_s", "the scores"), ("jury_s", "the last juror")):
        later_s = statistics.median(getattr(followed[longest], what)) - statistics.median(
            getattr(followed[shortest], what)
        )
        out.append(Figure(f"{longest} later than {shortest}, to {label}", later_s, "s", MOST_LATER_S))
    return [*out, Figure("peak memory of the analysis", peak_mb, "MB")]


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="voicejury-bench-") as folder:
        report.section("last note to verdict", lambda: figures(*asyncio.run(measured(Path(folder)))))
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
