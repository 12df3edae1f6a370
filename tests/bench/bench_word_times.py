"""Word times: how far timed onsets lie from the truth, beside words spread evenly over the same lines."""

import csv
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import numpy as np
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.references import contour_song
from inference.analysis.word_times import PreparedVoice, align_words
from inference.audio.files import load_mono_16k
from inference.domain.track import Floats
from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch
from inference.models.whisper_align import WhisperAligner
from signaling.songs.ultrastar import load_ultrastar
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.places import RECORDINGS, ROOT
from tests.support.sung_lyrics import TEXTS, sung_lyrics

PAGE, SECTION = ROOT / "docs" / "benchmarks.md", "bench-word-times"
NEAR_S = 0.3
SEEDS = (3, 4)
ULTRASTAR = ("Jonathan Coulton - Monkey Shines", "Jonathan Coulton - Mr. Fancy Pants", "Joshua Morin - On the run")
NURSERY = (
    ("fr", "au clair de la lune mon ami pierrot"),
    ("en", "row row row your boat gently down the stream"),
    ("en", "twinkle twinkle little star how i wonder what you are"),
)


@dataclass(frozen=True, slots=True)
class Line:
    words: tuple[str, ...]
    onset_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class TimedSong:
    name: str
    language: str
    lines: tuple[Line, ...]
    onsets_s: Floats  # of every word, the truth
    voice: PreparedVoice


@dataclass(frozen=True, slots=True)
class Timed:
    errors_s: Floats
    certainty: Floats

    @property
    def near(self) -> float:
        return 100.0 * float((np.abs(self.errors_s) < NEAR_S).mean())


def voice_of(path: Path, is_solo: bool) -> PreparedVoice:
    samples = load_mono_16k(path)
    track = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator("auto"))
    song = contour_song(track, path.stem)
    song.duration_s = len(samples) / 16_000
    return PreparedVoice(song, samples, is_solo)


@cache
def los_rombos() -> TimedSong:
    folder = RECORDINGS / "songs" / "lyrics_timed"
    name = "Fantasma_-_Los_Rombos"
    with (folder / f"lines_{name}.csv").open(newline="") as rows:
        lines = tuple(
            Line(tuple(row["lyrics_line"].split()), float(row["start_time"]), float(row["end_time"]))
            for row in csv.DictReader(rows)
        )
    with (folder / f"words_{name}.csv").open(newline="") as rows:
        onsets = np.array([float(row["word_start"]) for row in csv.DictReader(rows)])
    return TimedSong("Los Rombos (166 s, Spanish, mix)", "es", lines, onsets, voice_of(folder / f"{name}.mp3", False))


@cache
def ultrastar(name: str) -> TimedSong:
    folder = RECORDINGS / "songs" / name
    reference = load_ultrastar(folder / "song.txt").voices[0].reference
    groups = [
        [word for word in reference.lyrics.words if word.phrase == n] for n in range(len(reference.melody.phrases))
    ]
    lines = tuple(Line(tuple(w.text for w in ws), ws[0].onset_s, ws[-1].offset_s) for ws in groups if ws)
    onsets = np.array([word.onset_s for words in groups for word in words])
    audio = next(path for path in sorted(folder.iterdir()) if path.suffix in (".mp3", ".ogg"))
    return TimedSong(f"{name} (English, mix)", "en", lines, onsets, voice_of(audio, False))


@cache
def synthetic(language: str, seed: int) -> TimedSong:
    sung = sung_lyrics(language, seed)
    lines = tuple(Line(tuple(w.text for w in line), line[0].onset_s, line[-1].offset_s) for line in sung.lines)
    song = contour_song(
        track_pitch(sung.sound, np.ones(len(sung.sound), np.bool_), build_estimator("tiny")), "synthetic"
    )
    song.duration_s = sung.duration_s
    voice = PreparedVoice(song, sung.sound, True)
    return TimedSong(f"synthetic voice, {language}", language, lines, np.array(sung.onsets_s), voice)


def timed(song: TimedSong, voice: PreparedVoice, has_onsets: bool, has_offsets: bool) -> Timed:
    lines = [
        reference_pb2.TimedLine(
            text=" ".join(line.words),
            onset_s=line.onset_s if has_onsets else None,
            offset_s=line.offset_s if has_offsets else None,
        )
        for line in song.lines
    ]
    request = reference_pb2.AlignWordsRequest(language=song.language, lines=lines, method="syllables")
    *_, last = align_words(request, voice, None, "")
    words = last.reply.lyrics.words
    assert len(words) == len(song.onsets_s), f"{len(words)} words timed, {len(song.onsets_s)} sung"
    onsets = np.array([word.onset_s for word in words])
    return Timed(onsets - song.onsets_s, np.array([word.certainty for word in words]))


def spread_evenly(song: TimedSong, has_offsets: bool) -> Timed:
    """The words of each line at equal distances to its end, or to the next line where no ends are known."""
    onsets: list[float] = []
    followers = [*(line.onset_s for line in song.lines[1:]), song.lines[-1].offset_s]
    for line, next_s in zip(song.lines, followers, strict=True):
        end_s = line.offset_s if has_offsets else next_s
        onsets += [line.onset_s + (end_s - line.onset_s) * n / len(line.words) for n in range(len(line.words))]
    return Timed(np.array(onsets) - song.onsets_s, np.ones(len(onsets)))


def without_voice(song: TimedSong) -> PreparedVoice:
    return PreparedVoice(song_pb2.Song(duration_s=song.voice.song.duration_s), None, False)


def joined(parts: Iterable[Timed]) -> Timed:
    every = list(parts)
    return Timed(np.concatenate([t.errors_s for t in every]), np.concatenate([t.certainty for t in every]))


def three(name: str, found: Timed, plain: Timed | None, most_median_ms: float | None = None) -> list[Figure]:
    sizes, others = np.abs(found.errors_s), None if plain is None else np.abs(plain.errors_s)

    def against(pick: object) -> float | None:
        if others is None:
            return None
        return 1000.0 * float(np.mean(others) if pick is np.mean else np.median(others))

    return [
        Figure(f"{name}: mean error", 1000.0 * float(np.mean(sizes)), "ms", baseline=against(np.mean)),
        Figure(
            f"{name}: median error", 1000.0 * float(np.median(sizes)), "ms", most_median_ms, baseline=against(np.median)
        ),
        Figure(f"{name}: within 0.3 s", found.near, "%", baseline=None if plain is None else plain.near),
    ]


def with_line_times(songs: Sequence[TimedSong], name: str, most_median_ms: float | None) -> list[Figure]:
    """Given the onset and the end of each line, then its onset alone, as synced lyrics have it."""
    rows: list[Figure] = []
    for has_offsets, kind in ((True, "lines' onsets and ends"), (False, "lines' onsets only")):
        plain = joined(spread_evenly(song, has_offsets) for song in songs)
        ours = joined(timed(song, song.voice, True, has_offsets) for song in songs)
        alone = joined(timed(song, without_voice(song), True, has_offsets) for song in songs)
        rows += three(f"{name}, {kind}", ours, plain, most_median_ms if has_offsets else None)
        rows += three(f"{name}, {kind}, no voice", alone, plain)
    return rows


def los_rombos_figures() -> list[Figure]:
    song = los_rombos()
    rows = with_line_times([song], song.name, 250.0)
    rows += certainty(f"{song.name}, lines' onsets and ends", [timed(song, song.voice, True, True)])
    return rows + three(f"{song.name}, no times at all", timed(song, song.voice, False, False), None)


def ultrastar_figures() -> list[Figure]:
    songs = [ultrastar(name) for name in ULTRASTAR]
    rows = with_line_times(songs, "three UltraStar songs (English, mix)", 150.0)
    return rows + certainty(
        "three UltraStar songs, lines' onsets only", [timed(song, song.voice, True, False) for song in songs]
    )


def synthetic_figures() -> list[Figure]:
    songs = [synthetic(language, seed) for language in TEXTS for seed in SEEDS]
    rows = with_line_times(songs, "synthetic voice, six songs", 100.0)
    plain = joined(timed(song, without_voice(song), False, False) for song in songs)
    laid = [timed(song, song.voice, False, False) for song in songs]
    rows += three("synthetic voice, no times at all, beside no voice", joined(laid), plain, 150.0)
    return rows + certainty("synthetic voice, no times at all", laid)


def certainty(name: str, parts: Sequence[Timed]) -> list[Figure]:
    """Of the least, the middle and the most certain third of the words."""
    every = joined(parts)
    thirds = np.array_split(np.argsort(every.certainty, kind="stable"), 3)
    return [
        Figure(
            f"{name}: {which_} certain third (certainty {every.certainty[third].mean():.2f}), within 0.3 s",
            100.0 * float((np.abs(every.errors_s[third]) < NEAR_S).mean()),
            "%",
        )
        for which_, third in zip(("least", "middle", "most"), thirds, strict=True)
    ]


def whisper_figures() -> list[Figure]:
    """A toy that knows the words of nursery songs, on words that are spoken one by one."""
    if which("espeak-ng") is None:
        raise RuntimeError("eSpeak NG is not installed")
    aligner = WhisperAligner(RECORDINGS / "models" / "whisper-toy")
    errors, refused = [], 0
    for language, text in NURSERY:
        sound, onsets = spoken_words(text.split(), language)
        request = reference_pb2.AlignWordsRequest(language=language, method="whisper")
        request.lines.add(text=text, onset_s=onsets[0], offset_s=len(sound) / 16_000 - 0.4)
        song = song_pb2.Song(duration_s=len(sound) / 16_000)
        *_, last = align_words(request, PreparedVoice(song, sound, True), aligner.listen, "")
        refused += last.reply.method != "whisper"
        errors += [word.onset_s - onset for word, onset in zip(last.reply.lyrics.words, onsets, strict=True)]
    found = Timed(np.array(errors), np.ones(len(errors)))
    return [
        *three("toy Whisper's attention, three spoken nursery lines", found, None, 250.0),
        Figure("toy Whisper: lines that were not believed", float(refused), "", 0.0),
    ]


def spoken_words(words: list[str], language: str) -> tuple["np.ndarray[tuple[int], np.dtype[np.float32]]", list[float]]:
    onsets, pieces, now_s = [], [], 0.4
    with TemporaryDirectory() as folder:
        wav = Path(folder) / "word.wav"
        for word in words:
            subprocess.run(["espeak-ng", "-v", language, "-s", "120", "-w", str(wav), word], check=True, timeout=20)
            sound = load_mono_16k(wav)
            heard = np.flatnonzero(np.abs(sound) > 0.02)
            pieces.append(sound[heard[0] : heard[-1] + 1])
            onsets.append(now_s)
            now_s += len(pieces[-1]) / 16_000 + 0.03
    out = np.zeros(round((now_s + 0.4) * 16_000), np.float32)
    for onset_s, piece in zip(onsets, pieces, strict=True):
        out[round(onset_s * 16_000) : round(onset_s * 16_000) + len(piece)] += piece
    return out, onsets


def cost() -> list[Figure]:
    song = los_rombos()
    start_s = time.process_time()
    timed(song, song.voice, True, False)
    return [Figure("CPU for the words of a 166 s song, its contour known", time.process_time() - start_s, "s", 10.0)]


def main() -> int:
    report = Report()
    report.section("the timed song", los_rombos_figures)
    report.section("UltraStar songs", ultrastar_figures)
    report.section("synthetic voices", synthetic_figures)
    report.section("Whisper", whisper_figures)
    report.section("cost", cost)
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
