"""The demo song: what is written is what the guide voice sings."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray
from voicejury.v1 import song_pb2

from deploy.demo_song.build import build_demo_song
from deploy.demo_song.score import build_song
from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch

NOTES = [note for phrase in build_song().voices[0].reference.melody.phrases for note in phrase.notes]
WINDOW_S = 0.064
CONSONANTS_S = 0.16  # the end of a note belongs to the consonants of the next syllable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("songs") / "demo"
    build_demo_song(target)
    return target


def autocorrelated_f0_hz(frame: NDArray[np.float64], sample_rate_hz: int) -> float:
    """The lag of the highest normalised autocorrelation between 100 and 700 Hz, refined by a parabola."""
    spectrum = np.fft.rfft(frame - frame.mean(), 2 * len(frame))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(frame)]
    correlation /= np.arange(len(frame), 0, -1)
    low, high = sample_rate_hz // 700, sample_rate_hz // 100
    peak = low + int(np.argmax(correlation[low:high] > 0.97 * correlation[low:high].max()))
    while correlation[peak + 1] > correlation[peak]:
        peak += 1
    before, at, after = correlation[peak - 1 : peak + 2]
    return float(sample_rate_hz / (peak + 0.5 * (before - after) / (before - 2 * at + after)))


def cents_off(guide: NDArray[np.float64], sample_rate_hz: int, note: song_pb2.Note) -> list[float]:
    centres_s = np.arange(note.onset_s + 0.08, note.offset_s - CONSONANTS_S, 0.02)
    length = int(WINDOW_S * sample_rate_hz)
    off = []
    for centre_s in centres_s:
        start = int((centre_s - WINDOW_S / 2) * sample_rate_hz)
        f0_hz = autocorrelated_f0_hz(guide[start : start + length], sample_rate_hz)
        off.append(1200 * np.log2(f0_hz / 440) + 6900 - 100 * note.midi)
    return off


def test_the_folder_holds_every_file_that_the_song_names(folder: Path) -> None:
    document = json.loads((folder / "song.json").read_text(encoding="utf-8"))
    for key in ("audio_key", "guide_key", "cover_key"):
        assert (folder / document[key]).stat().st_size > 1000


def test_backing_and_guide_last_as_long_as_the_song_says(folder: Path) -> None:
    song = build_song()
    for key in (song.audio_key, song.guide_key):
        assert soundfile.info(folder / key).duration == pytest.approx(song.duration_s, abs=0.01)
    assert 35 <= song.duration_s <= 45


def test_notes_follow_each_other_inside_the_song() -> None:
    assert NOTES[0].onset_s >= 2
    assert NOTES[-1].offset_s < build_song().duration_s
    assert all(first.onset_s < first.offset_s <= second.onset_s for first, second in pairwise(NOTES))
    assert all(60 <= note.midi <= 69 for note in NOTES)


def test_words_carry_the_times_of_their_syllables() -> None:
    reference = build_song().voices[0].reference
    words = reference.lyrics.words
    assert len(words) == sum(note.starts_word for note in NOTES)
    assert [word.text for word in words[:5]] == ["Au", "clair", "de", "la", "lune"]
    for word in words:
        phrase = reference.melody.phrases[word.phrase]
        assert phrase.onset_s <= word.onset_s < word.offset_s <= phrase.offset_s
    assert reference.melody.phrases[0].text == "Au clair de la lune,"


def test_the_guide_voice_sings_the_written_notes_within_ten_cents(folder: Path) -> None:
    guide, sample_rate_hz = soundfile.read(folder / "guide.flac")
    off = [value for note in NOTES for value in cents_off(guide, sample_rate_hz, note)]
    assert len(off) > 500
    assert np.median(np.abs(off)) < 10
    assert abs(np.median(off)) < 3
    assert np.percentile(np.abs(off), 95) < 40


def test_crepe_tiny_hears_the_written_notes_in_the_guide_voice(folder: Path) -> None:
    guide, sample_rate_hz = soundfile.read(folder / "guide.flac", dtype="float32")
    samples = soxr.resample(guide, sample_rate_hz, 16_000)
    track = track_pitch(samples, np.ones(len(samples), dtype=bool), build_estimator("tiny"), hop_s=0.02)
    off: list[float] = []
    for note in NOTES:
        inside = (track.times_s >= note.onset_s) & (track.times_s < note.offset_s) & (track.f0_hz > 0)
        off.extend(1200 * np.log2(track.f0_hz[inside] / 440) + 6900 - 100 * note.midi)
    assert np.median(np.abs(off)) < 10
    assert np.mean(np.abs(off) > 600) < 0.005, "octave errors"


def test_the_guide_voice_is_silent_before_the_first_line_and_at_the_end(folder: Path) -> None:
    guide, sample_rate_hz = soundfile.read(folder / "guide.flac")
    assert np.abs(guide[: int(1.9 * sample_rate_hz)]).max() < 0.01
    assert np.abs(guide[-int(2 * sample_rate_hz) :]).max() < 0.01


def test_two_builds_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build_demo_song(tmp_path)
    for file in folder.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()
