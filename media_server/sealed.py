"""A sealed take read back: what of it was received, and which song second each of its samples belongs to."""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from voicejury.spool import SAMPLE_BYTES, read_records
from voicejury.v1 import audio_pb2

from media_server.clock import Anchor
from media_server.errors import NotSealedError, UnknownTakeError
from media_server.frames import SAMPLE_RATE_HZ
from media_server.take import LATE_NAME, spool_path

MAX_SAMPLES = 30 * 60 * SAMPLE_RATE_HZ  # what the judge reads of a take

Samples = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples between two anchors while the song plays."""

    first_sample: int
    end_sample: int  # MAX_SAMPLES for the last one
    song_s: float  # of the first sample

    def sample_of(self, song_s: float) -> float:
        """Also outside of the stretch, as if it went on."""
        return self.first_sample + (song_s - self.song_s) * SAMPLE_RATE_HZ

    def song_s_at(self, sample: float) -> float:
        return self.song_s + (sample - self.first_sample) / SAMPLE_RATE_HZ


class SongTime:
    """The anchors of one take: the latest at or before a sample holds; of two on one sample, the one told last."""

    def __init__(self, anchors: list[Anchor]) -> None:
        by_sample = {anchor.sample: anchor for anchor in anchors}  # the one told last stays
        ordered = [by_sample[sample] for sample in sorted(by_sample)]
        ends = [*(anchor.sample for anchor in ordered[1:]), MAX_SAMPLES]
        self.stretches = [
            Stretch(anchor.sample, end, anchor.song_s)
            for anchor, end in zip(ordered, ends, strict=True)
            if anchor.playing and anchor.sample < end
        ]
        self._firsts = [stretch.first_sample for stretch in self.stretches]

    def at(self, sample: int) -> Stretch | None:
        """None where the song does not play."""
        place = bisect_right(self._firsts, sample)
        stretch = self.stretches[place - 1] if place else None
        return stretch if stretch is not None and sample < stretch.end_sample else None


@dataclass(frozen=True, slots=True)
class SealedTake:
    """`samples` are 16 kHz and reach to the take's end; where `received` is false they are zeros."""

    samples: Samples
    received: Flags  # false in gaps, and where the decoder made the sound up
    filled: Flags  # came later, from the phone's own recording
    song_time: SongTime


class _Tape:
    """What the records add up to; memory is bounded whatever they say."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, Samples, bool]] = []
        self.length = 0

    def place(self, first_sample: int, pcm_s16le: bytes, is_good: bool) -> None:
        piece = np.frombuffer(pcm_s16le[: len(pcm_s16le) // SAMPLE_BYTES * SAMPLE_BYTES], "<i2")
        kept = piece[: max(0, MAX_SAMPLES - first_sample)]
        self._pieces.append((first_sample, kept, is_good))
        self.reach(first_sample + len(kept))

    def reach(self, end_sample: int) -> None:
        self.length = max(self.length, min(end_sample, MAX_SAMPLES))

    def laid(self, length: int) -> tuple[Samples, Flags]:
        samples, good = np.zeros(length, np.int16), np.zeros(length, np.bool_)
        for first, piece, is_good in self._pieces:
            if is_good:
                samples[first : first + len(piece)] = piece
                good[first : first + len(piece)] = True
        return samples, good


def read_sealed(takes_dir: Path, session_id: str) -> SealedTake:
    """Blocking. Raises SessionIdError, UnknownTakeError, NotSealedError."""
    path = spool_path(takes_dir, session_id)
    if not path.exists():
        raise UnknownTakeError("nothing was received of this session")
    tape, anchors, is_sealed = _Tape(), [], False
    with path.open("rb") as file:
        for _, record in read_records(file):
            is_sealed = is_sealed or record.HasField("end")
            if record.HasField("anchor"):
                anchors.append(Anchor(record.anchor.sample, record.anchor.song_s, record.anchor.playing))
            _lay(record, tape)
    if not is_sealed:
        raise NotSealedError("the take is still being sung")
    late = _late_tape(path.with_name(LATE_NAME))
    length = max(tape.length, late.length)
    samples, received = tape.laid(length)
    return SealedTake(samples, received, late.laid(length)[1], SongTime(anchors))


def _lay(record: audio_pb2.TakeRecord, tape: _Tape) -> None:
    if record.HasField("audio"):
        tape.place(record.audio.first_sample, record.audio.pcm_s16le, not record.audio.concealed)
    elif record.HasField("gap"):
        tape.reach(record.gap.first_sample + record.gap.sample_count)
    elif record.HasField("end"):
        tape.reach(record.end.sample_count)


def _late_tape(path: Path) -> _Tape:
    tape = _Tape()
    if path.exists():
        with path.open("rb") as file:
            for _, record in read_records(file):
                if record.HasField("late"):
                    tape.place(record.late.first_sample, record.late.pcm_s16le, True)
    return tape
