"""`make bench-verdict`: from the last note to the scores and to the last juror, for takes of 30 s, 3 min and 6 min.

Each take is sung into a real spool by a synthetic voice, faster than real time and its last seconds in real time,
while the analysis (a process of its own) follows it over gRPC: with headphones, and with the song's own sound from a
loudspeaker in the microphone, which is taken out. Beside it the same take is judged by the same process without having
been followed. Each repeat sings another song: what is kept of a song cannot help the next one.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, song_pb2, verdict_pb2

from inference.analysis.references import contour_message
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.analysis_process import AnalysisProcess, analysis_process
from tests.support.bleed_takes import vibe_ace
from tests.support.growing_spool import GrowingSpool
from tests.support.places import ROOT
from tests.support.rooms import bleeding
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import Singer, sing, tune

PAGE = ROOT / "docs" / "benchmarks.md"
SECTION = "bench-verdict"
LENGTHS_S = {"30 s": 30.0, "3 min": 180.0, "6 min": 360.0}
REPEATS = 2
SPEED = 5.0  # times real time, until the last seconds
REAL_TIME_S = 6.0
PACKETS_S = 0.1  # written at once
PARTS = {"scores_s": "the scores", "jury_s": "the last juror"}
MOST_S = 3.0
MOST_LATER_S = 1.0
PATIENCE_S = 300.0
BLEED_DB = -10.0  # of the backing against the voice
FULL_PYTHON = ROOT / ".venv-full" / "bin" / "python"


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


def beside_a_loudspeaker(one: Performance, songs: Path) -> Performance:
    """The song's own sound in the microphone, in a song that nobody knows yet; the room changes once."""
    backing = np.resize(vibe_ace(), len(one.sound))
    song = transposed(one.song, 2)
    song.id, song.audio_key = f"{one.song.id}-{len(one.sound)}", "backing.wav"
    (songs / song.id).mkdir(parents=True)
    soundfile.write(songs / song.id / song.audio_key, backing, 16_000)
    return Performance(song, np.clip(bleeding(one.sound, backing, BLEED_DB, True).heard, -1.0, 1.0).astype(np.float32))


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
    return verdict


async def sung_and_judged(
    analysis: AnalysisProcess, session_id: str, one: Performance, waits: Waits
) -> verdict_pb2.Verdict:
    """Followed while it is sung."""
    spool = GrowingSpool(analysis.takes, session_id, one.sound, np.ones(len(one.sound), np.bool_))
    following = asyncio.create_task(follow(analysis, session_id, one.song))
    began_cpu_s = analysis.cpu_s
    await sung(spool, len(one.sound) / 16_000)
    waits.singing_cpu_s.append(analysis.cpu_s - began_cpu_s)
    spool.seal()
    verdict = await judged(analysis, session_id, one.song, waits)
    await following
    return verdict


async def only_judged(
    analysis: AnalysisProcess, session_id: str, one: Performance, waits: Waits
) -> verdict_pb2.Verdict:
    spool = GrowingSpool(analysis.takes, session_id, one.sound, np.ones(len(one.sound), np.bool_))
    await asyncio.to_thread(spool.seal)
    return await judged(analysis, session_id, one.song, waits)


@dataclass(slots=True)
class Runs:
    """By length."""

    followed: dict[str, Waits] = field(default_factory=lambda: {name: Waits() for name in LENGTHS_S})
    offline: dict[str, Waits] = field(default_factory=lambda: {name: Waits() for name in LENGTHS_S})
    bled: dict[str, Waits] = field(default_factory=lambda: {name: Waits() for name in LENGTHS_S})
    peak_mb: float = 0.0


async def every_way(analysis: AnalysisProcess, name: str, number: int, runs: Runs) -> None:
    """One take that is followed, the same one without that, and the same one with the song in the microphone."""
    one = await asyncio.to_thread(performance, LENGTHS_S[name], 17 * number + len(name))
    label = f"{len(one.sound)}-{number}"
    first = await sung_and_judged(analysis, f"with-{label}", one, runs.followed[name])
    higher = Performance(transposed(one.song, 1), one.sound)
    second = await only_judged(analysis, f"without-{label}", higher, runs.offline[name])
    loud = await asyncio.to_thread(beside_a_loudspeaker, one, analysis.takes.parent / "songs")
    third = await sung_and_judged(analysis, f"bled-{label}", loud, runs.bled[name])
    if third.bleed.method != "cancelled":
        raise RuntimeError(f"the backing was not taken out: {third.bleed.method}, {third.bleed.reason}")
    if abs(first.total - second.total) > 1.0:  # of a song a semitone higher: its key is found
        raise RuntimeError(f"the two ways give {first.total:.2f} and {second.total:.2f} points")


async def measured(folder: Path, runs: Runs) -> None:
    async with analysis_process(folder) as analysis:
        await every_way(analysis, "30 s", 99, Runs())  # the first one warms what the next ones meet warm
        for number in range(REPEATS):
            for name in LENGTHS_S:
                await every_way(analysis, name, number, runs)
                spent = (waits[name].scores_s[-1] for waits in (runs.followed, runs.offline, runs.bled))
                print(
                    "{}: scores after {:.2f} s, offline {:.2f} s, bleed cancelled {:.2f} s".format(name, *spent),
                    flush=True,
                )
        runs.peak_mb = analysis.peak_mb


def with_demucs() -> list[Figure]:
    """Measured where Demucs is installed: in an environment of its own. Raises RuntimeError where there is none."""
    if not FULL_PYTHON.exists():
        raise RuntimeError("Demucs is not installed: `make test-full` makes .venv-full")
    command = [str(FULL_PYTHON), "-m", "tests.bench.demucs_of_a_take"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        Figure("with Demucs: seconds per second of song", found["per_second"], "s"),
        Figure("with Demucs: times that progress is told, a take of 33 s", found["told"], "", 5, at_least=True),
    ]


def figures(runs: Runs) -> list[Figure]:
    """The offline time of the same takes is the baseline of each."""
    out = []
    for way, waits in (("headphones", runs.followed), ("bleed cancelled", runs.bled)):
        for name in LENGTHS_S:
            out += _of_length(f"{way}, {name}", name, waits[name], runs.offline[name])
        shortest, *_, longest = LENGTHS_S
        for what, label in PARTS.items():
            later_s = p50(waits[longest], what) - p50(waits[shortest], what)
            out.append(Figure(f"{way}: {longest} later than {shortest}, to {label}", later_s, "s", MOST_LATER_S))
    return [*out, Figure("peak memory of the analysis", runs.peak_mb, "MB")]


def _of_length(title: str, name: str, ours: Waits, plain: Waits) -> list[Figure]:
    while_sung = 100 * p50(ours, "singing_cpu_s") / LENGTHS_S[name]
    waits = [
        Figure(f"{title}: last note to {label}, p50", p50(ours, what), "s", MOST_S, baseline=p50(plain, what))
        for what, label in PARTS.items()
    ]
    return [
        *waits,
        Figure(f"{title}: the slowest of {REPEATS}, to the last juror", max(ours.jury_s), "s"),
        Figure(
            f"{title}: CPU of the analysis after the last note", p50(ours, "cpu_s"), "s", baseline=p50(plain, "cpu_s")
        ),
        Figure(f"{title}: CPU of the analysis while it is sung, of one core in real time", while_sung, "%"),
    ]


def p50(waits: Waits, what: str) -> float:
    return float(statistics.median(getattr(waits, what)))


def in_time(folder: Path) -> list[Figure]:
    runs = Runs()
    asyncio.run(measured(folder, runs))
    return figures(runs)


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="voicejury-bench-") as folder:
        report.section("last note to verdict", lambda: in_time(Path(folder)))
    report.section("with Demucs", with_demucs)
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
