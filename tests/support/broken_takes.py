"""Takes with gaps: a voice as it was received, and as the phone itself recorded it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2, media_pb2

from tests.support.channel import through_opus
from tests.unit.recordings import voice

RATE_HZ = 16_000
CHUNK = 320
PIECE = RATE_HZ  # of one message, as the page cuts
Pcm = npt.NDArray[np.int16]
Record = audio_pb2.TakeRecord


def melody(duration_s: float, seed: int = 3) -> Pcm:
    """Notes of 0.4 s with vibrato; no two seeds sing alike."""
    rng = np.random.default_rng(seed)
    notes = rng.integers(50, 72, round(duration_s / 0.4) + 1)
    at_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    midi = notes[(at_s / 0.4).astype(int)] + 0.3 * np.sin(2 * np.pi * 5.5 * at_s)
    sound = voice(440.0 * 2 ** ((midi - 69) / 12), duration_s)
    return np.rint(np.clip(sound, -1, 1) * 32_767).astype(np.int16)


@dataclass(frozen=True, slots=True)
class BrokenTake:
    """`phone` holds all of the song, `received` the same through Opus; samples of both count song time from 0."""

    phone: Pcm
    received: Pcm

    def write(self, folder: Path, gaps_s: tuple[tuple[float, float], ...], *, sealed: bool = True) -> None:
        """`take.spool` in `folder`: the song's clock begins with the first sample."""
        writer = SpoolWriter(folder / "take.spool")
        for record in self._records(gaps_s, sealed):
            writer.append(record)
        writer.close()

    def _records(self, gaps_s: tuple[tuple[float, float], ...], sealed: bool) -> list[Record]:
        records = [Record(header=audio_pb2.TakeHeader(song_id="song", sample_rate_hz=RATE_HZ))]
        records.append(Record(anchor=audio_pb2.ClockAnchor(sample=0, song_s=0.0, playing=True)))
        gaps = [(round(first * RATE_HZ), round(end * RATE_HZ)) for first, end in gaps_s]
        for first in range(0, len(self.received), CHUNK):
            pcm = self.received[first : first + CHUNK]
            if any(low <= first < high for low, high in gaps):
                records.append(Record(gap=audio_pb2.Gap(first_sample=first, sample_count=len(pcm))))
            else:
                chunk = audio_pb2.PcmChunk(first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=pcm.tobytes())
                records.append(Record(audio=chunk))
        end = len(self.received)
        records.append(Record(anchor=audio_pb2.ClockAnchor(sample=end, song_s=end / RATE_HZ, playing=False)))
        return [*records, Record(end=audio_pb2.TakeEnd(sample_count=end))] if sealed else records

    def sounds(
        self,
        session_id: str,
        missing: media_pb2.MissingReply,
        early_s: float = 0.0,
        sound: Pcm | None = None,
    ) -> list[media_pb2.PhoneSound]:
        """What the page sends for these spans, stamped too early by `early_s`; of `sound` in place of the phone's."""
        heard = self.phone if sound is None else sound
        messages = []
        for number, span in enumerate(missing.spans):
            first = max(0, round((span.start_song_s - missing.margin_s) * RATE_HZ))
            end = min(len(heard), round((span.end_song_s + missing.margin_s) * RATE_HZ))
            for at in range(first, end, PIECE):
                pcm = heard[at : min(at + PIECE, end)].astype("<i2").tobytes()
                song_s = at / RATE_HZ - early_s
                messages.append(media_pb2.PhoneSound(session_id=session_id, span=number, song_s=song_s, pcm_s16le=pcm))
        return messages


def broken_take(duration_s: float = 14.0, seed: int = 3) -> BrokenTake:
    phone = melody(duration_s, seed)
    heard = through_opus((phone / 32_768).astype(np.float32), 64_000)
    return BrokenTake(phone, np.rint(np.clip(heard, -1, 1) * 32_767).astype(np.int16))
