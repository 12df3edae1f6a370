"""Somebody who speaks the words of a song in time: eSpeak NG, word by word, at the onset of each."""

import io
import subprocess
from shutil import which

import numpy as np
import pytest

from inference.audio.files import load_mono_16k
from inference.domain.melody import Lyrics
from tests.support.channel import SAMPLE_RATE_HZ, Samples

PROGRAM = "espeak-ng"


def spoken(lyrics: Lyrics, seconds: float, words_per_minute: int = 170) -> Samples:
    """Each word at its onset; a word that is longer than its place runs into the next."""
    if which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed: run `make setup-system`")
    out = np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32)
    for text in sorted({word.text for word in lyrics.words}):
        sound = _word(text, lyrics.language, words_per_minute)
        for word in lyrics.words:
            start = round(word.onset_s * SAMPLE_RATE_HZ)
            if word.text == text and start < len(out):
                out[start : start + len(sound)] += sound[: len(out) - start]
    return np.clip(out, -1.0, 1.0)


def _word(text: str, language: str, words_per_minute: int) -> Samples:
    command = [PROGRAM, "-v", language, "-s", str(words_per_minute), "--stdout", text]
    wave = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    sound = load_mono_16k(io.BytesIO(wave).getvalue())
    heard = np.flatnonzero(np.abs(sound) > 0.02)
    return sound[heard[0] : heard[-1] + 1] if len(heard) else sound[:0]
