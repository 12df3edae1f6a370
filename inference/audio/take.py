"""A take, read back from its spool."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from voicejury.spool import SAMPLE_BYTES, read_records
from voicejury.v1 import audio_pb2

from inference.audio.clock import Anchor, SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples
from inference.audio.pcm import chunk_samples
from inference.errors import AudioFormatError, TakeError

MAX_TAKE_S = 1800.0
MAX_TAKE_SAMPLES = int(MAX_TAKE_S * SAMPLE_RATE_HZ)
MOST_WAITING = 500  # pieces that are laid in one go, and not more than so many samples: 10 s of the media server's
MOST_WAITING_SAMPLES = 160_000
MOST_ROOM = 1.1  # of what was read: more is given back
MAX_ANCHORS = 5_000  # one each two seconds makes 900; more tell the judge nothing, and each costs it time
Item = TypeVar("Item", np.float32, np.bool_)


@dataclass(frozen=True, slots=True)
class Take:
    """One recorded performance. Sample 0 is the take's first; gaps are zeros."""

    session_id: str
    song_id: str
    samples: Samples  # 16 kHz, -1..1
    measured: Flags  # per sample; False in gaps and where the decoder made the sound up
    clock: SongClock
    sealed: bool  # the spool was closed; False after a crash
    live_pitch: float | None = None  # 0..100, what the live judge had at the end
    filled_s: float = 0.0  # of `measured`: recorded by the phone itself, for spans that were not received

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        return self.clock.anchors

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    def song_seconds(self, sample_positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Song seconds of samples; NaN where the song does not play."""
        return self.clock.song_seconds(sample_positions)


def read_take(file: BinaryIO, late: BinaryIO | None = None) -> Take:
    """Whatever whole records the spool holds, up to MAX_TAKE_S; memory is bounded whatever the files say.

    `late` is the file of what came afterwards; it fills what was not received, and changes nothing else.

    Raises TakeError where there is no header, a record is impossible, or a longer take is silent of the song by then.
    """
    header, tape, clock = None, _Tape(_most_samples(file)), SongClock()
    last = audio_pb2.TakeRecord()
    for _, last in read_records(file):
        if header is None:
            header = _checked_header(last)
        _add(last, tape, clock)
    tape.flush()
    if header is None:
        raise TakeError("the spool holds no record")
    if tape.too_long and not any(anchor.playing for anchor in clock.anchors):
        raise TakeError(f"the take is longer than {MAX_TAKE_S / 60:.0f} minutes, and the song did not play by then")
    end = last.end if last.HasField("end") else None
    live_pitch = end.live_pitch if end is not None and end.HasField("live_pitch") else None
    filled = sum(tape.fill(first, sound) for first, sound in _late_sounds(late))
    samples, measured = tape.cut()
    filled_s = filled / SAMPLE_RATE_HZ
    return Take(header.session_id, header.song_id, samples, measured, clock, end is not None, live_pitch, filled_s)


def _checked_header(record: audio_pb2.TakeRecord) -> audio_pb2.TakeHeader:
    if not record.HasField("header"):
        raise TakeError("the spool does not begin with a take's header")
    if record.header.sample_rate_hz != SAMPLE_RATE_HZ:
        raise TakeError(f"the take has {record.header.sample_rate_hz} Hz; {SAMPLE_RATE_HZ} Hz is expected")
    return record.header


class _Tape:
    """Samples that grow while they are read, never beyond MAX_TAKE_SAMPLES."""

    def __init__(self, capacity: int) -> None:
        """`capacity`: samples that are likely to come."""
        self._samples: Samples = np.zeros(capacity, np.float32)
        self._measured: Flags = np.zeros(capacity, np.bool_)
        self._length = 0
        self._waiting: list[bytes] = []  # pieces that follow each other: thousands of them are laid in one go
        self._waiting_from, self._waiting_to, self._are_measured = 0, 0, False
        self.too_long = False

    def add(self, chunk: audio_pb2.PcmChunk) -> None:
        """Laid when something else comes; `flush` at the end. Raises TakeError."""
        first, pcm, is_measured = chunk.first_sample, chunk.pcm_s16le, not chunk.concealed
        if chunk.sample_rate_hz != SAMPLE_RATE_HZ or len(pcm) % SAMPLE_BYTES:
            _sound(chunk)
        has_room = len(self._waiting) < MOST_WAITING and self._waiting_to - self._waiting_from < MOST_WAITING_SAMPLES
        if not (has_room and first == self._waiting_to and is_measured == self._are_measured):
            self.flush()
            self._waiting_from, self._are_measured = first, is_measured
        self._waiting.append(pcm)
        self._waiting_to = first + len(pcm) // SAMPLE_BYTES

    def flush(self) -> None:
        if self._waiting:
            chunk = audio_pb2.PcmChunk(sample_rate_hz=SAMPLE_RATE_HZ, pcm_s16le=b"".join(self._waiting))
            self._waiting.clear()
            self.place(self._waiting_from, _sound(chunk), self._are_measured)

    def reach(self, end_sample: int) -> None:
        """The take lasts at least until there."""
        self.too_long = self.too_long or end_sample > MAX_TAKE_SAMPLES
        self._length = max(self._length, min(end_sample, MAX_TAKE_SAMPLES))
        if self._length > len(self._samples):
            capacity = min(2 * self._length, MAX_TAKE_SAMPLES)
            self._samples, self._measured = _grown(self._samples, capacity), _grown(self._measured, capacity)

    def place(self, first_sample: int, piece: Samples, measured: bool) -> None:
        self.reach(first_sample + len(piece))
        span = slice(first_sample, min(first_sample + len(piece), MAX_TAKE_SAMPLES))
        kept = max(0, span.stop - span.start)
        self._samples[span] = piece[:kept]
        self._measured[span] = measured

    def fill(self, first_sample: int, piece: Samples) -> int:
        """Lays the piece where nothing is measured; returns how many samples that were."""
        self.reach(first_sample + len(piece))
        span = slice(first_sample, min(first_sample + len(piece), MAX_TAKE_SAMPLES))
        wanted = ~self._measured[span]
        self._samples[span][wanted] = piece[: len(wanted)][wanted]
        self._measured[span] = True
        return int(np.count_nonzero(wanted))

    def cut(self) -> tuple[Samples, Flags]:
        """What was read, without the room to grow."""
        if len(self._samples) <= MOST_ROOM * self._length:
            return self._samples[: self._length], self._measured[: self._length]
        return self._samples[: self._length].copy(), self._measured[: self._length].copy()


def _most_samples(file: BinaryIO) -> int:
    """That a spool of this size can hold, gaps aside."""
    here = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(here)
    return min(max(0, size - here) // SAMPLE_BYTES, MAX_TAKE_SAMPLES)


def _grown(array: NDArray[Item], length: int) -> NDArray[Item]:
    larger = np.zeros(length, array.dtype)
    larger[: len(array)] = array
    return larger


def _add(record: audio_pb2.TakeRecord, tape: _Tape, clock: SongClock) -> None:
    if record.HasField("audio"):
        tape.add(record.audio)
    elif record.HasField("gap"):
        tape.reach(record.gap.first_sample + record.gap.sample_count)
    elif record.HasField("end"):
        tape.reach(record.end.sample_count)
    elif record.HasField("anchor") and record.anchor.sample < MAX_TAKE_SAMPLES and len(clock.anchors) < MAX_ANCHORS:
        clock.add(Anchor(record.anchor.sample, record.anchor.song_s, record.anchor.playing))


def _late_sounds(file: BinaryIO | None) -> Iterator[tuple[int, Samples]]:
    for _, record in read_records(file) if file is not None else ():
        if record.HasField("late"):
            late = record.late
            yield late.first_sample, _sound(audio_pb2.PcmChunk(sample_rate_hz=SAMPLE_RATE_HZ, pcm_s16le=late.pcm_s16le))


def _sound(chunk: audio_pb2.PcmChunk) -> Samples:
    try:
        return chunk_samples(chunk)
    except AudioFormatError as error:
        raise TakeError(f"the take's sound at sample {chunk.first_sample} cannot be read: {error}") from error
