"""A take as a sound file that plays in step with its song, rendered from its spool and kept beside it.

The file lies in the take's folder and dies with it. Its samples lie at song seconds: the anchors of the spool tell
which, the latency that the jury found is taken off, and what was not received or not sung to the song is silence.
It says what it was made from, and is made anew when that has changed: a later verdict found another latency, or the
phone has sent what was missing.
"""

import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray
from voicejury.spool import SAMPLE_BYTES, read_records
from voicejury.v1 import audio_pb2

from signaling.errors import SignalingError

SPOOL_NAME, LATE_NAME, FILE_NAME = "take.spool", "late.spool", "studio.flac"
SAMPLE_RATE_HZ = 16_000
MAX_S = 1800.0  # of a take, and of a song
MAX_SAMPLES = int(MAX_S * SAMPLE_RATE_HZ)
MAX_ANCHORS = 5_000
SAME_PLACE_S = 0.02  # clocks that differ by less go on without a cut
FADE_SAMPLES = 80  # 5 ms at each cut
WANTED_DB, LOUDEST_DB, MOST_GAIN_DB = -18.0, -1.0, 24.0  # of the sung parts, of the peak, of what is asked of a mixer
SUNG_DB = -45.0  # a quieter 20 ms counts as silence
MEDIA_TYPE = "audio/flac"
Pcm = NDArray[np.int16]


class TakeGoneError(SignalingError):
    """The take was deleted."""


class NothingSungError(SignalingError):
    """The take holds no sound in the song."""


@dataclass(frozen=True, slots=True)
class RenderedTake:
    path: Path
    duration_s: float
    gain_db: float  # that a mixer should add: phones differ by 20 dB


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring samples of the take and where in the song they go."""

    first: int
    end: int
    target: int


def rendered_take(takes_dir: Path, session_id: str, latency_s: float) -> RenderedTake:
    """Blocking. Raises TakeGoneError, NothingSungError and OSError (a full disk)."""
    folder = takes_dir / session_id
    path = folder / FILE_NAME
    try:
        made_from = _made_from(folder, latency_s)
        known = _facts(path, made_from) if path.is_file() else None
        if known is not None:
            return known
        late_path = folder / LATE_NAME
        opening = late_path.open("rb") if late_path.exists() else nullcontext()
        with (folder / SPOOL_NAME).open("rb") as spool, opening as late:
            pcm = song_pcm(spool, latency_s, late)
        _write(path, pcm, made_from)
    except FileNotFoundError as error:
        raise TakeGoneError("The recording of this take was deleted.") from error
    return _facts(path, made_from) or RenderedTake(path, len(pcm) / SAMPLE_RATE_HZ, 0.0)


def _made_from(folder: Path, latency_s: float) -> str:
    """Spools only grow, or are replaced by longer ones. Raises FileNotFoundError."""
    late_path = folder / LATE_NAME
    late_bytes = late_path.stat().st_size if late_path.exists() else 0
    return f"{(folder / SPOOL_NAME).stat().st_size}+{late_bytes} bytes, {latency_s:.6f} s"


def song_pcm(spool: BinaryIO, latency_s: float, late: BinaryIO | None = None) -> Pcm:
    """The take at 16 kHz from the song's first sample on. Raises NothingSungError.

    `late` is what the phone sent afterwards: it is heard where nothing was received.
    """
    tape, anchors = _read(spool, late)
    stretches = list(_stretches(anchors, len(tape), round(latency_s * SAMPLE_RATE_HZ)))
    length = min(max((piece.target + piece.end - piece.first for piece in stretches), default=0), MAX_SAMPLES)
    if length <= 0:
        raise NothingSungError("The song never played in this take.")
    out: Pcm = np.zeros(length, np.int16)
    for piece in stretches:
        _place(out, tape, piece)
    return out


def _read(spool: BinaryIO, late: BinaryIO | None) -> tuple[Pcm, list[audio_pb2.ClockAnchor]]:
    """The samples on the take's own clock, gaps as zeros; the anchors by their samples."""
    concealed: list[tuple[int, bytes]] = []
    received: list[tuple[int, bytes]] = []
    anchors: list[audio_pb2.ClockAnchor] = []
    for _, record in read_records(spool):
        if record.HasField("audio") and record.audio.sample_rate_hz in (0, SAMPLE_RATE_HZ):
            kind = concealed if record.audio.concealed else received
            kind.append((record.audio.first_sample, record.audio.pcm_s16le))
        elif record.HasField("anchor") and len(anchors) < MAX_ANCHORS:
            place = bisect_right(anchors, record.anchor.sample, key=lambda known: known.sample)
            anchors.insert(place, record.anchor)
    pieces = [*concealed, *_late_pieces(late), *received]  # each over the ones before it
    end = max((first + len(pcm) // SAMPLE_BYTES for first, pcm in pieces), default=0)
    tape: Pcm = np.zeros(min(end, MAX_SAMPLES), np.int16)
    for first, pcm in pieces:
        samples = np.frombuffer(pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES], "<i2")[: max(0, len(tape) - first)]
        tape[first : first + len(samples)] = samples
    return tape, anchors


def _late_pieces(late: BinaryIO | None) -> Iterator[tuple[int, bytes]]:
    for _, record in read_records(late) if late is not None else ():
        if record.HasField("late"):
            yield record.late.first_sample, record.late.pcm_s16le


def _stretches(anchors: list[audio_pb2.ClockAnchor], length: int, latency: int) -> Iterator[_Stretch]:
    """What was sung while the song played; anchors that agree go on without a cut."""
    open_: _Stretch | None = None
    ends = [*(later.sample for _, later in pairwise(anchors)), length]
    for anchor, end in zip(anchors, ends, strict=True):
        end = min(end, length)
        if anchor.sample >= end or not anchor.playing or not 0 <= anchor.song_s <= MAX_S:
            continue
        target = round(anchor.song_s * SAMPLE_RATE_HZ) - latency
        goes_on = open_ is not None and open_.end == anchor.sample
        if open_ is not None and goes_on and _agrees(open_, anchor.sample, target):
            open_ = _Stretch(open_.first, end, open_.target)
            continue
        if open_ is not None:
            yield open_
        open_ = _Stretch(anchor.sample, end, target)
    if open_ is not None:
        yield open_


def _agrees(piece: _Stretch, sample: int, target: int) -> bool:
    return abs(piece.target + sample - piece.first - target) <= SAME_PLACE_S * SAMPLE_RATE_HZ


def _place(out: Pcm, tape: Pcm, piece: _Stretch) -> None:
    """With a short fade at both ends; what lies before the song or too late is left out."""
    first = piece.first + max(0, -piece.target)
    target = max(0, piece.target)
    samples = tape[first : piece.end].astype(np.float32)
    samples = samples[: max(0, len(out) - target)]
    fade = min(FADE_SAMPLES, len(samples) // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        samples[:fade] *= ramp
        samples[-fade:] *= ramp[::-1]
    out[target : target + len(samples)] = samples.astype(np.int16)


def _write(path: Path, pcm: Pcm, made_from: str) -> None:
    """Whole or not at all; readable by nobody else."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".studio-", suffix=".flac")
    os.close(descriptor)
    try:
        with soundfile.SoundFile(draft, "w", SAMPLE_RATE_HZ, 1, "PCM_16", format="FLAC") as file:
            file.comment = f"{gain_db(pcm):.1f} dB, {made_from}"
            file.write(pcm)
        os.replace(draft, path)
    except soundfile.LibsndfileError as error:
        raise OSError("the take cannot be written") from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _facts(path: Path, made_from: str) -> RenderedTake | None:
    """None where the file is damaged, or made from something else: then it is made anew."""
    try:
        with soundfile.SoundFile(path) as file:
            gain, _, found = file.comment.partition(" dB, ")
            return RenderedTake(path, file.frames / file.samplerate, float(gain)) if found == made_from else None
    except (soundfile.LibsndfileError, ValueError):
        return None


def gain_db(pcm: Pcm) -> float:
    """What brings the sung parts to WANTED_DB without clipping; 0 for silence."""
    frames = pcm[: len(pcm) // 320 * 320].reshape(-1, 320).astype(np.float64) / 32768.0
    powers = np.mean(frames**2, axis=1) if len(frames) else np.zeros(0)
    sung = powers[powers > 10 ** (SUNG_DB / 10)]
    if not len(sung):
        return 0.0
    peak_db = 20 * np.log10(max(1, int(np.abs(pcm.astype(np.int32)).max())) / 32768.0)
    wanted_db = WANTED_DB - 10 * np.log10(float(sung.mean()))
    return float(np.clip(wanted_db, -MOST_GAIN_DB, min(MOST_GAIN_DB, LOUDEST_DB - peak_db)))
