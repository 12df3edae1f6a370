"""What the catalogue must know of a song's audio: that it decodes, how long it is, its media type."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from signaling.errors import SongAudioError

MEDIA_TYPES = {
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
}
MAX_AUDIO_BYTES = 200 * 1024 * 1024
MAX_AUDIO_S = 25 * 60.0  # a take has 30 minutes, so a singer may pause
MIN_AUDIO_S = 0.5
DECODE_CHECK_S = 5.0  # a damaged file fails at its beginning; the whole is not decoded


@dataclass(frozen=True, slots=True)
class AudioFacts:
    duration_s: float
    media_type: str


def probe_audio(path: Path) -> AudioFacts:
    """Raises SongAudioError when a browser or a decoder would fail on the file."""
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise SongAudioError(f"{path}: a browser does not play {path.suffix or 'this'}; use {', '.join(MEDIA_TYPES)}")
    if not path.is_file():
        raise SongAudioError(f"{path}: the audio file is missing")
    size = path.stat().st_size
    if size == 0:
        raise SongAudioError(f"{path}: the audio file is empty")
    if size > MAX_AUDIO_BYTES:
        raise SongAudioError(f"{path}: the audio file is larger than {MAX_AUDIO_BYTES // 1024 // 1024} MiB")
    duration_s = _decoded_duration_s(path)
    if duration_s < MIN_AUDIO_S:
        raise SongAudioError(f"{path}: {duration_s:.1f} s of audio; a song has {MIN_AUDIO_S} s at least")
    if duration_s > MAX_AUDIO_S:
        minutes = f"{duration_s / 60:.1f} minutes of audio"
        raise SongAudioError(f"{path}: {minutes}; a song has {MAX_AUDIO_S / 60:.0f} minutes at most")
    return AudioFacts(duration_s, media_type)


def _decoded_duration_s(path: Path) -> float:
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise SongAudioError(f"{path}: holds no audio")
            decoded_s = 0.0
            for frame in container.decode(audio=0):
                decoded_s += frame.samples / frame.sample_rate
                if container.duration and decoded_s >= DECODE_CHECK_S:
                    return float(container.duration / av.time_base)
            return decoded_s
    except (FFmpegError, ValueError) as error:
        raise SongAudioError(f"{path}: the audio does not decode: {error}") from error
