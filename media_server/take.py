"""One take while it is sung: every sample goes to its spool before it goes anywhere else."""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2, live_pb2

from media_server import metrics
from media_server.clock import Anchor
from media_server.errors import SessionIdError, SessionOverError
from media_server.frames import SAMPLE_RATE_HZ, Pcm

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a folder name and nothing else
SPOOL_NAME = "take.spool"
LATE_NAME = "late.spool"  # what the phone sent afterwards, for spans that were gaps
PEAK = 32_767.0


@dataclass(frozen=True, slots=True)
class TakeSummary:
    take_key: str  # empty when nothing was received
    sample_count: int
    gap_samples: int
    concealed_samples: int


def spool_path(takes_dir: Path, session_id: str) -> Path:
    """Raises SessionIdError for an id that could name anything but a folder of its own."""
    if not SESSION_ID.fullmatch(session_id):
        raise SessionIdError("a session id is 1 to 64 letters, digits, - or _")
    return takes_dir / session_id / SPOOL_NAME


class Take:
    """Writes records in the order they happen; each method returns what the live judge must hear too."""

    def __init__(self, session_id: str, path: Path, writer: SpoolWriter) -> None:
        self.session_id = session_id
        self.path = path
        self._writer = writer
        self._state = writer.recovered

    @classmethod
    def open(cls, takes_dir: Path, session_id: str, song_id: str) -> "Take":
        """Begins a take or goes on with one. Reads the spool through: call it off the event loop.

        Raises SessionOverError when the take is sealed.
        """
        path = spool_path(takes_dir, session_id)
        take = cls(session_id, path, SpoolWriter(path))
        if take.sealed:
            take._writer.close()
            raise SessionOverError("the take of this session is sealed")
        if take._state.header is None:
            header = audio_pb2.TakeHeader(
                session_id=session_id,
                song_id=song_id,
                sample_rate_hz=SAMPLE_RATE_HZ,
                started_unix_ms=round(time.time() * 1000),
            )
            take._append(audio_pb2.TakeRecord(header=header))
        return take

    @property
    def sealed(self) -> bool:
        return self._state.sealed

    @property
    def next_sample(self) -> int:
        return self._state.next_sample

    @property
    def has_audio(self) -> bool:
        return self._state.audio_samples > 0

    @property
    def end_offset(self) -> int:
        """Bytes of whole frames in the spool."""
        return self._writer.end_offset

    @property
    def started_unix_s(self) -> float:
        """0 when the spool has lost its header."""
        return self._state.header.started_unix_ms / 1000.0 if self._state.header else 0.0

    @property
    def gap_samples(self) -> int:
        return self._state.gap_samples

    @property
    def concealed_samples(self) -> int:
        return self._state.concealed_samples

    def audio(self, first_sample: int, pcm: Pcm, concealed: bool) -> live_pb2.SingerInput | None:
        """What overlaps the take's end is cut off; None when nothing is left."""
        overlap = self.next_sample - first_sample
        if overlap > 0:
            pcm, first_sample = pcm[overlap:], self.next_sample
        if len(pcm) == 0:
            return None
        chunk = audio_pb2.PcmChunk(
            session_id=self.session_id,
            seq=self._state.next_seq,
            first_sample=first_sample,
            sample_rate_hz=SAMPLE_RATE_HZ,
            pcm_s16le=np.rint(np.clip(pcm, -1.0, 1.0) * PEAK).astype("<i2").tobytes(),
            concealed=concealed,
        )
        self._append(audio_pb2.TakeRecord(audio=chunk))
        metrics.SAMPLES.labels("concealed" if concealed else "received").inc(len(pcm))
        return live_pb2.SingerInput(audio=chunk)

    def gap_until(self, sample: int, reason: "audio_pb2.GapReason.ValueType") -> live_pb2.SingerInput | None:
        """Marks everything up to `sample` as not received; None when nothing is missing."""
        missing = sample - self.next_sample
        if missing <= 0:
            return None
        gap = audio_pb2.Gap(
            session_id=self.session_id, first_sample=self.next_sample, sample_count=missing, reason=reason
        )
        self._append(audio_pb2.TakeRecord(gap=gap))
        metrics.SAMPLES.labels("gap").inc(missing)
        return live_pb2.SingerInput(gap=gap)

    def anchor(self, anchor: Anchor) -> live_pb2.SingerInput:
        message = audio_pb2.ClockAnchor(
            session_id=self.session_id, sample=anchor.sample, song_s=anchor.song_s, playing=anchor.playing
        )
        self._append(audio_pb2.TakeRecord(anchor=message))
        return live_pb2.SingerInput(anchor=message)

    async def sync(self) -> None:
        await asyncio.to_thread(self._writer.sync)

    def close(self) -> None:
        """Leaves the take open for a successor."""
        self._writer.close()

    def seal(self, live_pitch: float | None = None) -> TakeSummary:
        """Writes the end, once; the spool is closed afterwards. `live_pitch` is the live judge's last word."""
        try:
            if not self.sealed:
                self._append(audio_pb2.TakeRecord(end=self._end(live_pitch)))
        finally:
            self._writer.close()
        key = f"{self.session_id}/{SPOOL_NAME}" if self.has_audio else ""
        return TakeSummary(key, self.next_sample, self.gap_samples, self.concealed_samples)

    def _end(self, live_pitch: float | None) -> audio_pb2.TakeEnd:
        ended_unix_ms = round(time.time() * 1000)
        return audio_pb2.TakeEnd(sample_count=self.next_sample, ended_unix_ms=ended_unix_ms, live_pitch=live_pitch)

    def _append(self, record: audio_pb2.TakeRecord) -> None:
        self._writer.append(record)
        self._state.add(record)


def seal_spool(takes_dir: Path, session_id: str) -> TakeSummary:
    """Seals what a dead process left; an empty summary when there is no spool. Blocking."""
    path = spool_path(takes_dir, session_id)
    if not path.exists():
        return TakeSummary("", 0, 0, 0)
    return Take(session_id, path, SpoolWriter(path)).seal()
