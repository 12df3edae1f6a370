"""A phone's own recording as it comes in, message by message, within bounds."""

import math
from dataclasses import dataclass, field

import numpy as np
from voicejury.v1 import media_pb2

from media_server.errors import LateSoundError, TooMuchSoundError
from media_server.frames import SAMPLE_RATE_HZ
from media_server.sealed import Samples

SAMPLE_BYTES = 2
MAX_PIECE_BYTES = 512 * 1024  # of one message: 16 s
MAX_PIECES = 64  # spans of one call
MAX_SOUND_S = 20 * 60.0  # of one call, whatever is missing
MAX_SONG_S = 2 * 3600.0
MIN_SONG_S = -60.0  # the count-in
HOLE_S = 0.005  # between two messages of one span


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound of one span with received sound beside it, 16 kHz, by the phone's clock of the song."""

    song_s: float  # of the first sample
    samples: Samples
    microphone: int = 0  # the phone's count of them

    @property
    def end_song_s(self) -> float:
        return self.song_s + len(self.samples) / SAMPLE_RATE_HZ


@dataclass(slots=True)
class _Growing:
    span: int
    song_s: float
    microphone: int
    pcm: bytearray = field(default_factory=bytearray)

    @property
    def end_song_s(self) -> float:
        return self.song_s + len(self.pcm) / (SAMPLE_BYTES * SAMPLE_RATE_HZ)

    def piece(self) -> Piece:
        return Piece(self.song_s, np.frombuffer(bytes(self.pcm), "<i2"), self.microphone)


class SoundReader:
    """Takes the messages of one call; raises LateSoundError for what no phone of ours sends."""

    def __init__(self, first: media_pb2.PhoneSound, limit_s: float) -> None:
        self._session_id = first.session_id
        self._left_bytes = round(min(limit_s, MAX_SOUND_S) * SAMPLE_RATE_HZ) * SAMPLE_BYTES
        self._growing: list[_Growing] = []
        self.ended = False  # by a message without sound: a call that is cancelled looks as if it had just ended

    def take(self, sound: media_pb2.PhoneSound) -> None:
        self._check(sound)
        if not sound.pcm_s16le:
            self.ended = True
            return
        self._left_bytes -= len(sound.pcm_s16le)
        if self._left_bytes < 0:
            raise TooMuchSoundError("this is more sound than is missing")
        if not self._growing or sound.span > self._growing[-1].span:
            if len(self._growing) == MAX_PIECES:
                raise TooMuchSoundError(f"one call fills {MAX_PIECES} spans at most")
            self._growing.append(_Growing(sound.span, sound.song_s, sound.microphone))
        last = self._growing[-1]
        if sound.span < last.span or abs(sound.song_s - last.end_song_s) > HOLE_S:
            raise LateSoundError("the pieces of a span must follow each other without a hole")
        if sound.microphone != last.microphone:
            raise LateSoundError("a span's piece comes from one microphone")
        last.pcm += sound.pcm_s16le

    def pieces(self) -> list[Piece]:
        return [growing.piece() for growing in self._growing]

    def _check(self, sound: media_pb2.PhoneSound) -> None:
        if sound.session_id != self._session_id:
            raise LateSoundError("one call fills one take")
        if not (math.isfinite(sound.song_s) and MIN_SONG_S <= sound.song_s <= MAX_SONG_S):
            raise LateSoundError("song_s is no second of a song")
        if len(sound.pcm_s16le) > MAX_PIECE_BYTES:
            raise TooMuchSoundError(f"a message has {MAX_PIECE_BYTES // 1024} KiB of sound at most")
        if len(sound.pcm_s16le) % SAMPLE_BYTES:
            raise LateSoundError("the sound is no whole number of 16-bit samples")
