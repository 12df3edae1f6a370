"""The toy Whisper on synthetic speech, and how lines are grouped for it."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from inference.analysis.words import WhisperWords, groups
from inference.audio.files import load_mono_16k
from inference.domain.lyrics_text import tokens
from inference.errors import ModelMissingError
from tests.unit.recordings import recording


def test_neighbouring_lines_share_a_window_of_thirty_seconds_at_most() -> None:
    found = groups([(1.0, 5.0), (6.0, 12.0), (13.0, 28.0), (29.0, 35.0)])
    assert found == [(0.6, 28.4), (28.6, 35.4)]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"tokenizer\.json"):
        WhisperWords(tmp_path).hear(load_mono_16k(recording("speech/jfk.flac")), "en", [(0.0, 5.0)])


@pytest.mark.parametrize("line", ["au clair de la lune", "mon ami pierrot"])  # the toy knows one line at a time
def test_a_spoken_french_line_is_heard_and_no_line_holds_no_words(tmp_path: Path, line: str) -> None:
    if not which("espeak-ng"):
        pytest.skip("espeak-ng is not installed")
    model = recording("models/whisper-toy")
    wav = tmp_path / "speech.wav"
    subprocess.run(["espeak-ng", "-v", "fr", "-w", str(wav), line], check=True, timeout=20)
    samples = load_mono_16k(wav)
    words = WhisperWords(model)
    assert tokens(words.hear(samples, "fr", [(0.0, len(samples) / 16_000)]), "fr") == tokens(line, "fr")
    assert words.hear(samples, "fr", []) == ""
