"""A take, read back from its spool."""

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from voicejury.spool import read_records
from voicejury.v1 import audio_pb2

from inference.audio.clock import Anchor, SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples
from inference.audio.pcm import chunk_samples
from inference.errors import AudioFormatError, TakeError

MAX_TAKE_S = 1800.0
MAX_TAKE_SAMPLES = int(MAX_TAKE_S * SAMPLE_RATE_HZ)


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

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        return self.clock.anchors

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    def song_seconds(self, sample_positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Song seconds of samples; NaN where the song does not play."""
        return self.clock.song_seconds(sample_positions)


def read_take(file: BinaryIO) -> Take:
    """Whatever whole records the spool holds. Raises TakeError where there is no header or a record is impossible."""
    records = [record for _, record in read_records(file)]
    if not records or records[0].WhichOneof("record") != "header":
        raise TakeError("the spool does not begin with a take's header")
    header = records[0].header
    if header.sample_rate_hz != SAMPLE_RATE_HZ:
        raise TakeError(f"the take has {header.sample_rate_hz} Hz; {SAMPLE_RATE_HZ} Hz is expected")
    length = _sample_count(records)
    samples, measured, clock = np.zeros(length, np.float32), np.zeros(length, np.bool_), SongClock()
    for record in records:
        if record.HasField("audio"):
            _place(record.audio, samples, measured)
        elif record.HasField("anchor"):
            clock.add(Anchor(record.anchor.sample, record.anchor.song_s, record.anchor.playing))
    end = records[-1].end if records[-1].HasField("end") else None
    live_pitch = end.live_pitch if end is not None and end.HasField("live_pitch") else None
    return Take(header.session_id, header.song_id, samples, measured, clock, end is not None, live_pitch)


def _sample_count(records: list[audio_pb2.TakeRecord]) -> int:
    ends = [0]
    for record in records:
        if record.HasField("audio"):
            ends.append(record.audio.first_sample + len(record.audio.pcm_s16le) // 2)
        elif record.HasField("gap"):
            ends.append(record.gap.first_sample + record.gap.sample_count)
        elif record.HasField("end"):
            ends.append(record.end.sample_count)
    if max(ends) > MAX_TAKE_SAMPLES:
        raise TakeError(f"the take is longer than {MAX_TAKE_S / 60:.0f} minutes")
    return max(ends)


def _place(chunk: audio_pb2.PcmChunk, samples: Samples, measured: Flags) -> None:
    try:
        piece = chunk_samples(chunk)
    except AudioFormatError as error:
        raise TakeError(f"the take's sound at sample {chunk.first_sample} cannot be read: {error}") from error
    span = slice(chunk.first_sample, chunk.first_sample + len(piece))
    samples[span] = piece
    measured[span] = not chunk.concealed
