"""The process that opens one stranger's recording: is it audio, how long, is anything to be heard?"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from signaling.errors import SourceError
from signaling.sources.child_main import Tell, of_os_error, serve

# Only containers that hold their own sound: a playlist (hls, concat, dash) would open other files and addresses.
CONTAINERS = (
    "mp3,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm,flac,wav,w64,aiff,aac,asf,caf,ape,wv,avi,flv,mpegts,mpeg,au,tta,dsf"
    ",mpc,mpc8,amr,ac3,eac3"
)
OPENING = {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS, "probesize": "5000000"}
MAX_RATE_HZ = 384_000
MAX_CHANNELS = 8
MAX_STREAMS = 32
MAX_SAMPLES_PER_S = 2 * 192_000  # of all channels, on the average: what studios use at most
MIN_S = 1.0
SILENT_RMS = 10 ** (-60 / 20)  # of the loudest second, re full scale
MAX_BROKEN_SHARE = 0.05  # of the packets: an old file with a scratch is still a song
LATER_S = 1.0  # decoded beyond what is allowed before it is called too long
TAG_CHARACTERS = 500
LYRICS_CHARACTERS = 65_536
SUFFIXES = {"mov": ".m4a", "matroska": ".webm", "asf": ".wma"}  # by the first name of the demuxer
MEDIA_TYPES = {
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".webm": "audio/webm", ".ogg": "audio/ogg", ".flac": "audio/flac",
    ".wav": "audio/wav", ".aiff": "audio/aiff", ".aac": "audio/aac", ".mka": "audio/x-matroska",
}  # fmt: skip
ALONE = {  # where the sound of a video goes, without being coded again: suffix and muxer
    "aac": (".m4a", "ipod"), "alac": (".m4a", "ipod"), "mp3": (".mp3", "mp3"), "opus": (".ogg", "ogg"),
    "vorbis": (".ogg", "ogg"), "flac": (".flac", "flac"),
}  # fmt: skip
NO_AUDIO = SourceError("not-audio", "This file holds no sound that can be read.")
TOO_RICH = SourceError("too-large", "This recording has more channels or samples than music needs.")


@dataclass(frozen=True, slots=True)
class Heard:
    duration_s: float
    peak_rms: float  # of the loudest second, 1 is full scale


def work(job: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    path, max_s = Path(job["path"]), float(job["max_s"])
    try:
        with av.open(str(path), options=OPENING, metadata_errors="replace") as container:
            stream = _audio_of(container)
            _check_claims(container, stream, max_s)
            heard = _listen(container, stream, max_s)
            facts = _facts(container, stream)
            has_picture = any(_is_video(one) for one in container.streams)
            codec = stream.codec_context.name
        if heard.peak_rms < SILENT_RMS:
            raise SourceError("silent", "Nothing is to be heard in this recording.")
        kept = path
        if has_picture:
            kept, facts["suffix"] = _without_picture(path, codec)
    except FFmpegError as error:
        raise of_os_error(error) or NO_AUDIO from error
    except ValueError as error:  # PyAV's word for what it cannot make sense of
        raise NO_AUDIO from error
    media_type = MEDIA_TYPES.get(facts["suffix"], "application/octet-stream")
    measured = {"duration_s": heard.duration_s, "peak_rms": heard.peak_rms, "media_type": media_type}
    return {**facts, **measured, "file": kept.name, "content_hash": _hash(path), "had_picture": has_picture}


def _audio_of(container: Any) -> Any:
    if len(container.streams) > MAX_STREAMS or not container.streams.audio:
        raise NO_AUDIO
    stream = container.streams.audio[0]
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        raise NO_AUDIO
    return stream


def _check_claims(container: Any, stream: Any, max_s: float) -> None:
    """What the file says of itself, before anything is decoded."""
    claimed_s = _claimed_s(container, stream)
    if claimed_s > max_s:
        raise _too_long(claimed_s, max_s)
    rate_hz, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if rate_hz > MAX_RATE_HZ or channels > MAX_CHANNELS or rate_hz * channels > MAX_SAMPLES_PER_S * 2:
        raise TOO_RICH


def _claimed_s(container: Any, stream: Any) -> float:
    whole = container.duration / av.time_base if container.duration else 0.0
    own = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    return max(whole, own)


def _listen(container: Any, stream: Any, max_s: float) -> Heard:
    """Decodes until the end, or until it is too long, whatever the file claimed."""
    meter = _Meter()
    for frame in _frames(container, stream):
        meter.hear(frame)
        if meter.decoded_s > max_s + LATER_S:
            raise _too_long(meter.decoded_s, max_s)
        if meter.samples > MAX_SAMPLES_PER_S * max_s:
            raise TOO_RICH
    if meter.decoded_s < MIN_S:
        raise NO_AUDIO
    return Heard(meter.decoded_s, meter.peak_rms)


class _Meter:
    """Length and the loudest second so far."""

    def __init__(self) -> None:
        self.decoded_s = 0.0
        self.samples = 0
        self._second: list[float] = []  # mean squares of the frames of this second
        self._began_s = 0.0
        self._loudest = 0.0

    def hear(self, frame: Any) -> None:
        self.decoded_s += frame.samples / frame.sample_rate
        self.samples += frame.samples * frame.layout.nb_channels
        self._second.append(float(np.square(_full_scale(frame)).mean()))
        if self.decoded_s - self._began_s >= 1.0:
            self._loudest = max(self._loudest, float(np.mean(self._second)))
            self._second, self._began_s = [], self.decoded_s

    @property
    def peak_rms(self) -> float:
        last = float(np.mean(self._second)) if self._second else 0.0
        return float(max(self._loudest, last) ** 0.5)


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Every frame that decodes. Some broken packets are borne, many are not."""
    packets = broken = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            yield from packet.decode()
        except FFmpegError:
            broken += 1
    if broken > max(2.0, MAX_BROKEN_SHARE * packets):
        raise NO_AUDIO


def _full_scale(frame: Any) -> NDArray[np.float32]:
    values: NDArray[Any] = frame.to_ndarray()
    if values.dtype == np.uint8:
        return (values.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(values.dtype, np.integer):
        return np.asarray(values.astype(np.float32) / float(np.iinfo(values.dtype).max))
    return np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)


def _facts(container: Any, stream: Any) -> dict[str, Any]:
    tags = {key.lower(): value for key, value in {**stream.metadata, **container.metadata}.items()}
    first = container.format.name.split(",")[0]
    lyrics = next((value for key, value in tags.items() if key.startswith(("lyrics", "unsyncedlyrics"))), "")
    return {
        "suffix": SUFFIXES.get(first, f".{first}"),
        "title": tags.get("title", "")[:TAG_CHARACTERS],
        "artist": (tags.get("artist") or tags.get("album_artist", ""))[:TAG_CHARACTERS],
        "album": tags.get("album", "")[:TAG_CHARACTERS],
        "lyrics": lyrics[:LYRICS_CHARACTERS],
    }


def _is_video(stream: Any) -> bool:
    """A moving picture; the cover inside a music file is none."""
    return bool(stream.type == "video" and not stream.disposition & av.stream.Disposition.attached_pic)


def _without_picture(path: Path, codec: str) -> tuple[Path, str]:
    """The sound of a video in a file of its own, packet by packet."""
    suffix, muxer = ALONE.get(codec, (".mka", "matroska"))
    alone = path.with_name(f"{path.stem}-sound{suffix}")
    with (
        av.open(str(path), options=OPENING, metadata_errors="replace") as container,
        av.open(str(alone), "w", format=muxer) as output,
    ):
        stream = container.streams.audio[0]
        target = output.add_stream_from_template(stream)
        for packet in container.demux(stream):
            if packet.dts is not None:
                packet.stream = target
                output.mux(packet)
    return alone, suffix


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _too_long(length_s: float, max_s: float) -> SourceError:
    return SourceError("too-long", f"{length_s / 60:.0f} minutes of sound; this installation takes {max_s / 60:.0f}.")


if __name__ == "__main__":
    serve(work)
