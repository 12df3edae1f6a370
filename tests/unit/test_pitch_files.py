"""Sound files of any kind, and what is none."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from inference.audio.files import MAX_FILE_S, load_mono_16k
from inference.errors import AudioFormatError
from tests.unit.recordings import RATE_HZ, Sound, voice


def f0_of(samples: Sound) -> float:
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(spectrum.argmax() * RATE_HZ / len(middle))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_rate_and_channel_count_becomes_16_khz_mono(tmp_path: Path, rate_hz: int, channels: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    soundfile.write(tmp_path / "a.wav", np.stack([tone] * channels, axis=1), rate_hz)
    samples = load_mono_16k(tmp_path / "a.wav")
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(RATE_HZ, abs=2)
    assert f0_of(samples) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3"])
def test_compressed_files_are_read_from_bytes(kind: str) -> None:
    file = io.BytesIO()
    soundfile.write(file, voice(330.0), RATE_HZ, format=kind)
    assert f0_of(load_mono_16k(file.getvalue())) == pytest.approx(330, abs=3)


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.webm", "libopus")])
def test_what_phones_record_is_read(tmp_path: Path, name: str, codec: str) -> None:
    with av.open(tmp_path / name, "w") as container:
        stream: Any = container.add_stream(codec, rate=48_000, layout="mono")
        sound = np.repeat(voice(330.0), 3)[None]
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 0
        resampler = av.AudioResampler(stream.format.name, "mono", 48_000, frame_size=stream.frame_size or 960)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    samples = load_mono_16k(tmp_path / name)
    assert len(samples) == pytest.approx(RATE_HZ, rel=0.1)
    assert f0_of(samples) == pytest.approx(330, abs=3)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFormatError, match="does not exist"):
        load_mono_16k(tmp_path / "none.wav")


@pytest.mark.parametrize("content", [b"", b"not a sound at all" * 100, b"RIFF\x24\x00\x00\x00WAVEfmt ", bytes(5000)])
def test_what_is_no_sound_file_is_refused(content: bytes) -> None:
    with pytest.raises(AudioFormatError):
        load_mono_16k(content)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE_HZ)
    with pytest.raises(AudioFormatError, match="no sound"):
        load_mono_16k(tmp_path / "a.wav")


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.0, np.nan, 0.1]), RATE_HZ, subtype="FLOAT")
    with pytest.raises(AudioFormatError, match="no numbers"):
        load_mono_16k(tmp_path / "a.wav")


def test_a_file_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(int(MAX_FILE_S + 1) * 4_000, np.int16), 4_000)
    with pytest.raises(AudioFormatError, match="longer than 70 minutes"):
        load_mono_16k(tmp_path / "a.flac")
