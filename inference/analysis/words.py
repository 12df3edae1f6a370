"""The words of a take by Whisper, from a folder and never from a hub.

The known lyrics are not told to it: as a prompt it would write them on silence.
"""

import itertools
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.errors import ModelMissingError

SAMPLE_RATE_HZ = 16_000
PAD_S = 0.4  # singers are early and late
LONGEST_GROUP_S = 30.0  # Whisper's window
MAX_COMPRESSION = 2.4  # a text that packs better than this is a loop
NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")  # without tokenizer.json faster-whisper asks a hub
MISSING = "Whisper model not installed: `voicejury models fetch whisper-small`, or a folder in VOICEJURY_WHISPER_MODEL"


class WhisperWords:
    """Loads the model when it is first asked; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: object | None = None

    def hear(self, samples: NDArray[np.float32], language: str, spans_s: list[tuple[float, float]]) -> str:
        """The words in the given spans, in order. Raises ModelMissingError."""
        with self._lock:
            texts = [self._transcribe(_cut(samples, group), language) for group in groups(spans_s)]
        return " ".join(itertools.chain.from_iterable(texts))

    def _transcribe(self, piece: NDArray[np.float32], language: str) -> list[str]:
        segments, _ = self._loaded(language).transcribe(
            piece,
            language=language or None,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            vad_filter=False,  # Silero drops whole sung songs
            without_timestamps=True,
        )
        return [segment.text.strip() for segment in segments if segment.compression_ratio <= MAX_COMPRESSION]

    def _loaded(self, language: str):  # type: ignore[no-untyped-def]  # faster_whisper has no types
        if self._model is None:
            self._model = self._load()
        if language != "en" and not self._model.model.is_multilingual:  # type: ignore[attr-defined]
            # CTranslate2 would silently hear English.
            raise ModelMissingError(f"the Whisper model in VOICEJURY_WHISPER_MODEL knows no language {language!r}")
        return self._model

    def _load(self) -> object:
        missing = [name for name in NEEDED_FILES if not (self._folder / name).is_file()]
        if missing:
            raise ModelMissingError(f"{MISSING} ({', '.join(missing)} not found)")
        from faster_whisper import WhisperModel  # heavy: only where words are heard

        try:
            return WhisperModel(str(self._folder), device="auto", compute_type="default", local_files_only=True)
        except (RuntimeError, ValueError) as error:
            raise ModelMissingError("the Whisper model in VOICEJURY_WHISPER_MODEL cannot be loaded") from error


def groups(spans_s: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Neighbouring spans together, padded, each group at most a window long."""
    out: list[tuple[float, float]] = []
    for start_s, end_s in ((start_s - PAD_S, end_s + PAD_S) for start_s, end_s in spans_s):
        if out and end_s - out[-1][0] <= LONGEST_GROUP_S:
            out[-1] = (out[-1][0], max(end_s, out[-1][1]))
        else:
            out.append((max(0.0, start_s), end_s))
    return out


def _cut(samples: NDArray[np.float32], group_s: tuple[float, float]) -> NDArray[np.float32]:
    start, end = (round(edge_s * SAMPLE_RATE_HZ) for edge_s in group_s)
    return samples[start:end]
