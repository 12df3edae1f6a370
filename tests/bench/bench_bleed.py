"""What a loudspeaker puts into the microphone, taken out again: beside the level gate alone and a plain NLMS."""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.analysis.judging import sung_file
from inference.analysis.separating import separate
from inference.audio.clock import Anchor, SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.domain.track import PitchTrack
from inference.live.bleed import LiveCanceller
from tests.accuracy.takes import tracked, vocadito_sound
from tests.bench.accuracy_set import real_singer
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.bench.scores import melody_score
from tests.support.bleed_takes import SongHouse, vibe_ace, vocadito_with
from tests.support.channel import through_opus
from tests.support.rooms import LATENCY_S, Bleeding, bleeding, sdr_db
from tests.support.voice import Voice, sound_of

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
SECTION = "bench-bleed"
NLMS_TAPS, NLMS_STEP = 4_096, 0.2
PACKET = 320
LEVELS_DB = (0.0, -10.0, -20.0)
Sound = NDArray[np.float64]


@cache
def house() -> SongHouse:
    made = SongHouse(Path(tempfile.mkdtemp(prefix="voicejury-bleed-")))
    made.put(vibe_ace())
    return made


def guided_house() -> SongHouse:
    made = SongHouse(house().folder / "guided")
    made.put(guided_song())
    return made


@cache
def cleaned(bleed_db: float) -> Samples:
    return of_house(house(), vocadito_with(bleed_db).heard)


def of_house(songs: SongHouse, heard: Samples) -> Samples:
    return separate(sung_file(heard), songs.song, separation=songs.separation()).voice.samples


@cache
def by_nlms(bleed_db: float) -> Samples:
    """Told the delay to the millisecond, which ours is not."""
    take = vocadito_with(bleed_db)
    late = round(LATENCY_S * SAMPLE_RATE_HZ)
    song = np.concatenate([np.zeros(late + NLMS_TAPS - 1), take.song.astype(np.float64)])[: len(take.voice) + NLMS_TAPS]
    return np.asarray(_nlms(take.heard.astype(np.float64), song, NLMS_TAPS, NLMS_STEP), np.float32)


@njit(cache=True)
def _nlms(heard, song, taps, step):  # type: ignore[no-untyped-def]  # compiled
    weights, left = np.zeros(taps), np.empty(len(heard))
    power = 1e-3 + np.sum(song[:taps] ** 2)
    for n in range(len(heard)):
        window = song[n : n + taps]
        left[n] = heard[n] - np.dot(weights, window)
        weights += step * left[n] / power * window
        power += song[n + taps] ** 2 - song[n] ** 2 if n + taps < len(song) else 0.0
    return left


def gain_db(take: Bleeding, left: Samples) -> float:
    return sdr_db(take.voice, left) - sdr_db(take.voice, take.heard)


def distortion() -> list[Figure]:
    figures = []
    for bleed_db in LEVELS_DB:
        take = vocadito_with(bleed_db)
        ours, plain = gain_db(take, cleaned(bleed_db)), gain_db(take, by_nlms(bleed_db))
        target = 10.0 if bleed_db > -20 else None
        figures.append(Figure(f"SDR gain at {bleed_db:g} dB", ours, "dB", target, at_least=True))
        figures.append(Figure(f"SDR gain at {bleed_db:g} dB, plain NLMS that is told the delay", plain, "dB"))
    take = vocadito_with(-10.0)
    dry, heard = through_opus(take.voice), through_opus(take.heard)
    left = of_house(house(), heard)
    figures.append(
        Figure("SDR gain at -10 dB, through Opus at 32 kbit/s", sdr_db(dry, left) - sdr_db(dry, heard), "dB")
    )
    return figures


def false_alarm(track: PitchTrack) -> float:
    human = real_singer()
    return 100.0 * melody_score(human.times_s, human.f0_hz, track.times_s, track.f0_hz).false_alarm


def voicing() -> list[Figure]:
    figures = [Figure("voicing false alarm, dry take", false_alarm(tracked(vocadito_sound())), "%")]
    for bleed_db in LEVELS_DB:
        alone = false_alarm(tracked(vocadito_with(bleed_db).heard))
        ours = false_alarm(tracked(cleaned(bleed_db)))
        name, target = f"voicing false alarm at {bleed_db:g} dB", 5.0 if bleed_db == -20 else None
        figures.append(Figure(name, ours, "%", target, baseline=alone))
        figures.append(Figure(f"{name}, level gate alone", alone, "%"))
        figures.append(Figure(f"{name}, plain NLMS", false_alarm(tracked(by_nlms(bleed_db))), "%"))
    return figures


def most(songs: SongHouse, sound: Samples, is_cancelled: bool = True) -> float:
    verdict = songs.verdict(sound, "auto" if is_cancelled else "never")
    return max(verdict.pitch, verdict.rhythm, verdict.total)


def least(songs: SongHouse, sound: Samples, is_cancelled: bool = True) -> float:
    verdict = songs.verdict(sound, "auto" if is_cancelled else "never")
    return min(verdict.pitch, verdict.rhythm, verdict.total)


def scores() -> list[Figure]:
    dry = least(house(), vocadito_sound())
    figures = []
    for bleed_db in LEVELS_DB:
        take = vocadito_with(bleed_db)
        silent, sung = most(house(), take.bleed), dry - least(house(), take.heard)
        raw = dry - least(house(), take.heard, is_cancelled=False)
        figures.append(Figure(f"nobody sings, bleed of {bleed_db:g} dB: most points", silent, "points", 2.0))
        target = 3.0 if bleed_db == -20 else None
        figures.append(Figure(f"good singing at {bleed_db:g} dB: points lost", sung, "points", target))
        figures.append(Figure(f"good singing at {bleed_db:g} dB: points lost, level gate alone", raw, "points"))
    return figures


@cache
def guided_song() -> Samples:
    """The backing with another voice that sings the melody as vocadito_1 does, to the frame."""
    human = real_singer()
    hop_s = float(human.times_s[1] - human.times_s[0])
    voiced = human.f0_hz > 0
    track = PitchTrack(0.0, hop_s, human.f0_hz, voiced.astype(np.float64), np.ones(len(voiced), np.bool_), "by hand")
    guide = np.resize(sound_of(track, Voice(seed=5)), len(vocadito_sound()))
    band = np.resize(vibe_ace(), len(guide))
    return np.asarray(0.1 * (band / band.std() + 1.5 * guide / guide.std()), np.float32)


def doubled() -> list[Figure]:
    """No target: where the band itself sings the melody, what is left of it is in tune."""
    figures = []
    for bleed_db in LEVELS_DB:
        take = bleeding(vocadito_sound(), guided_song(), bleed_db)
        left = of_house(guided_house(), take.heard)
        kept = float(left @ take.voice) / float(take.voice @ take.voice)
        name = f"a guide voice in the backing, {bleed_db:g} dB"
        figures.append(Figure(f"{name}: how much of the voice is kept", float(20 * np.log10(kept)), "dB"))
        figures.append(Figure(f"{name}: nobody sings, most points", most(guided_house(), take.bleed), "points"))
        raw = most(guided_house(), take.bleed, is_cancelled=False)
        figures.append(Figure(f"{name}: nobody sings, most points, level gate alone", raw, "points"))
    return figures


def cost() -> list[Figure]:
    take, seconds = vocadito_with(-10.0), len(vocadito_sound()) / SAMPLE_RATE_HZ
    final = share(lambda: of_house(house(), take.heard)) / seconds
    dry = share(lambda: of_house(house(), take.voice)) / seconds
    ticks_ms = 1000.0 * np.array(live_ticks_s(take))
    return [
        Figure("CPU of the final pass, of a core", 100 * final, "%"),
        Figure("CPU of the final pass without bleed, of a core", 100 * dry, "%"),
        Figure("CPU live, of a core", float(ticks_ms.sum()) / 10 / seconds, "%", 5.0),
        Figure("live, added to a packet of 20 ms: median", float(np.median(ticks_ms)), "ms", 2.0),
        Figure("live, added to a packet of 20 ms: p99", float(np.percentile(ticks_ms, 99)), "ms"),
    ]


def share(run: Callable[[], object]) -> float:
    run()
    began_s = time.process_time()
    run()
    return time.process_time() - began_s


def live_ticks_s(take: Bleeding) -> list[float]:
    """CPU seconds of each packet."""
    clock, heard, ticks = SongClock(), take.heard.copy(), []
    clock.add(Anchor(0, 0.0, True))
    canceller = LiveCanceller(lambda: take.song, clock)
    for first in range(0, len(heard), PACKET):
        began_s = time.process_time()
        canceller.take_out(heard[first : first + PACKET], True)
        ticks.append(time.process_time() - began_s)
    return ticks


def main() -> int:
    report = Report()
    report.section("distortion", distortion)
    report.section("voicing", voicing)
    report.section("scores", scores)
    report.section("a doubled melody", doubled)
    report.section("cost", cost)
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
