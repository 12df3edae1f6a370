"""Files that people give to a judge and should not, and files that only look odd: what each of them must come to."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import soundfile
import soxr
from matplotlib.figure import Figure

from tests.unit.recordings import RATE_HZ, Sound, voice

MIDIS = (60, 64, 0, 62, 67, 0, 65, 64, 62, 60)  # 0 is a rest
NOTE_S, REST_S = 0.9, 0.5


class Fate(Enum):
    REFUSED = "refused"
    NOT_SUNG = "worth nothing"
    SUNG = "worth all"


@dataclass(frozen=True)
class BadFile:
    name: str
    write: Callable[[Path], None]
    fate: Fate
    said: str = ""  # part of the refusal


def song() -> Sound:
    """A tune of eight notes and two rests."""
    parts = [voice(440 * 2 ** ((m - 69) / 12), NOTE_S) if m else np.zeros(round(REST_S * RATE_HZ)) for m in MIDIS]
    return np.concatenate(parts).astype(np.float32)


def _sound(sound: Callable[[], Sound], rate_hz: int = RATE_HZ, subtype: str | None = None) -> Callable[[Path], None]:
    return lambda path: soundfile.write(path, sound(), rate_hz, subtype=subtype)


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: _ignore(path.write_bytes(content))


def _ignore(_count: int) -> None:
    return None


def _with_sample(value: float) -> Callable[[], Sound]:
    def made() -> Sound:
        sound = song()
        sound[1000] = value
        return sound

    return made


def _cut(share: float) -> Callable[[Path], None]:
    """The first part of a whole file of the path's kind."""

    def write(path: Path) -> None:
        soundfile.write(path, song(), RATE_HZ)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(share * len(whole))])

    return write


def _lying(path: Path) -> None:
    """A header that promises 4 GiB of samples."""
    soundfile.write(path, song(), RATE_HZ)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 4, 0xFFFFFFFF)
    struct.pack_into("<I", content, 40, 0xFFFFFFF0)
    path.write_bytes(bytes(content))


def _picture(path: Path) -> None:
    Figure().savefig(path, format="png")


def _surround() -> Sound:
    """5.1 channels, the voice in the middle one."""
    channels = np.zeros((len(song()), 6), np.float32)
    channels[:, 2] = song()
    return channels


def _noise() -> Sound:
    return np.asarray(0.2 * np.random.default_rng(1).standard_normal(8 * RATE_HZ), np.float32)


def _resampled(rate_hz: int) -> Callable[[], Sound]:
    return lambda: np.asarray(soxr.resample(song(), RATE_HZ, rate_hz), np.float32)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/hostname\n#EXT-X-ENDLIST\n"
TEXT = b"hello world\nthis is a text\n" * 20
NO_FILE, NO_NUMBERS = "not a sound file", "no numbers"

BAD_FILES = (
    BadFile("empty.wav", _bytes(b""), Fate.REFUSED, ""),
    BadFile("header_only.wav", _sound(lambda: np.zeros(0, np.float32)), Fate.REFUSED, "no sound"),
    BadFile("nan.wav", _sound(_with_sample(np.nan), subtype="FLOAT"), Fate.REFUSED, NO_NUMBERS),
    BadFile("infinite.wav", _sound(_with_sample(np.inf), subtype="FLOAT"), Fate.REFUSED, NO_NUMBERS),
    BadFile("picture.png", _picture, Fate.REFUSED, NO_FILE),
    BadFile("picture.wav", _picture, Fate.REFUSED, NO_FILE),
    BadFile("text.wav", _bytes(TEXT), Fate.REFUSED, NO_FILE),
    BadFile("playlist.wav", _bytes(PLAYLIST), Fate.REFUSED, NO_FILE),
    BadFile("stub.ogg", _bytes(b"OggS\x00\x02"), Fate.REFUSED, NO_FILE),
    BadFile("cut.flac", _cut(0.5), Fate.REFUSED, "damaged or cut off"),
    BadFile("one_sample.wav", _sound(lambda: np.array([0.3], np.float32)), Fate.NOT_SUNG),
    BadFile("silent.wav", _sound(lambda: np.zeros(8 * RATE_HZ, np.float32)), Fate.NOT_SUNG),
    BadFile("constant.wav", _sound(lambda: np.full(8 * RATE_HZ, 0.4, np.float32), subtype="FLOAT"), Fate.NOT_SUNG),
    BadFile("noise.wav", _sound(_noise), Fate.NOT_SUNG),
    BadFile("spike.wav", _sound(_with_sample(1e30), subtype="FLOAT"), Fate.NOT_SUNG),
    BadFile("too_quiet.wav", _sound(lambda: song() * np.float32(1e-6), subtype="FLOAT"), Fate.NOT_SUNG),
    BadFile("denormal.wav", _sound(lambda: song() * np.float32(1e-40), subtype="FLOAT"), Fate.NOT_SUNG),
    BadFile("clipped.wav", _sound(lambda: np.clip(8 * song(), -1, 1)), Fate.SUNG),
    BadFile("offset.wav", _sound(lambda: 0.5 * song() + np.float32(0.45), subtype="FLOAT"), Fate.SUNG),
    BadFile("beyond_full_scale.wav", _sound(lambda: song() * np.float32(1e30), subtype="FLOAT"), Fate.SUNG),
    BadFile("telephone.wav", _sound(_resampled(8_000), 8_000), Fate.SUNG),
    BadFile("studio.wav", _sound(_resampled(192_000), 192_000), Fate.SUNG),
    BadFile("surround.flac", _sound(_surround), Fate.SUNG),
    BadFile("lying.wav", _lying, Fate.SUNG),
)
