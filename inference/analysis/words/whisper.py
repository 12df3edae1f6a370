"""Whisper in this process, from a folder and never from a hub."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from inference.analysis.words.tiers import Attended, Samples, Spoken, UnheardError
from inference.errors import ModelMissingError, OverloadedError
from inference.models.card import ALONE, FinalAfter
from inference.models.whisper_align import LONGEST_S
from inference.models.whisper_lines import WhisperLines

MISSING = "Whisper model not installed: `voicejury models fetch whisper-small`, or a folder in VOICEJURY_WHISPER_MODEL"


class WhisperTier:
    """One line at a time."""

    at_once = 1

    def __init__(self, folder: Path, window_s: float = LONGEST_S, final: FinalAfter = ALONE) -> None:
        self.name = f"whisper {folder.name} {window_s:g}"
        self._lines = WhisperLines(folder, window_s, final)

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        with _telling():
            found = self._lines.decode(samples, language, budget_s)
            return Spoken(found.text, found.log_probability)

    def attend(self, samples: Samples, language: str, budget_s: float) -> Attended:
        with _telling():
            found = self._lines.attend(samples, language, budget_s)
            return Attended(found.text, found.log_probability, found.words)

    def log_probabilities(self, samples: Samples, language: str, texts: Sequence[str]) -> list[float] | None:
        """How likely each text is on this sound, forced; None where the model cannot say."""
        try:
            return self._lines.log_probabilities(samples, language, texts)
        except (ModelMissingError, RuntimeError):
            return None


@contextmanager
def _telling() -> Iterator[None]:
    """Raises UnheardError for whatever hinders the model."""
    try:
        yield
    except (ModelMissingError, OverloadedError) as error:
        raise UnheardError(str(error)) from error
    except RuntimeError as error:  # of CTranslate2: a card without room, a library that is not there
        raise UnheardError("the model fails on this machine") from error
