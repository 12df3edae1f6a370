"""A spool as the media server writes it while somebody sings: packets of 20 ms, gaps, concealed ones, anchors."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2

PACKET = 320
RATE_HZ = 16_000
Record = audio_pb2.TakeRecord
Anchor = tuple[int, float, bool]  # sample, song second, whether it plays


class GrowingSpool:
    """Sings `samples` into `<folder>/<session>/take.spool`; what is not measured is a gap where it is silent."""

    def __init__(self, takes: Path, session_id: str, samples: NDArray[np.float32], measured: NDArray[np.bool_]) -> None:
        self.path = takes / session_id / "take.spool"
        self._pcm = np.rint(np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2")
        self._measured = measured
        self._anchors: list[Anchor] = [(0, 0.0, True)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = SpoolWriter(self.path)
        self._writer.append(Record(header=audio_pb2.TakeHeader(session_id=session_id, sample_rate_hz=RATE_HZ)))
        self._place = 0

    @property
    def sung_s(self) -> float:
        return self._place / RATE_HZ

    def anchor(self, *anchors: Anchor) -> None:
        """In place of the one at the beginning; each is written when its sample is reached."""
        self._anchors = list(anchors)

    def sing(self, seconds: float) -> None:
        """The next packets."""
        stop = min(len(self._pcm), self._place + round(seconds * RATE_HZ))
        while self._place < stop:
            while self._anchors and self._anchors[0][0] <= self._place:
                self._tell(self._anchors.pop(0))
            self._packet(min(PACKET, len(self._pcm) - self._place))

    def seal(self) -> None:
        """Sings the rest and ends the take."""
        self.sing(len(self._pcm) / RATE_HZ)
        self._writer.append(Record(end=audio_pb2.TakeEnd(sample_count=len(self._pcm), live_pitch=50.0)))
        self.close()

    def close(self) -> None:
        """Leaves the take as it is. Safe to repeat."""
        self._writer.close()

    def tear(self) -> bytes:
        """Half of a frame at the end, as a full disk or a kill leaves it; returns the other half."""
        chunk = audio_pb2.PcmChunk(first_sample=self._place, sample_rate_hz=RATE_HZ, pcm_s16le=b"\1\0" * PACKET)
        other = self.path.parent / "frame"
        writer = SpoolWriter(other)
        writer.append(Record(audio=chunk))
        writer.close()
        frame = other.read_bytes()
        with self.path.open("ab") as file:
            file.write(frame[:300])
        return frame[300:]

    def reopen(self) -> None:
        """Another process goes on with the take: it cuts a torn frame off."""
        self._writer.close()
        self._writer = SpoolWriter(self.path)

    def _packet(self, count: int) -> None:
        first, pcm = self._place, self._pcm[self._place : self._place + count]
        if pcm.any() or self._measured[first]:
            concealed = not self._measured[first : first + count].all()
            chunk = audio_pb2.PcmChunk(
                first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=pcm.tobytes(), concealed=concealed
            )
            self._writer.append(Record(audio=chunk))
        else:
            self._writer.append(Record(gap=audio_pb2.Gap(first_sample=first, sample_count=count)))
        self._place += count

    def _tell(self, anchor: Anchor) -> None:
        sample, song_s, playing = anchor
        message = audio_pb2.ClockAnchor(sample=sample, song_s=song_s, playing=playing)
        self._writer.append(Record(anchor=message))
