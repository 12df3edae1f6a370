"""Lines heard by the first recogniser that answers; what was heard of a sound is not asked for again."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from voicejury import tracing

from inference.analysis.words.gates import cleaned, why_not_believed
from inference.analysis.words.tiers import AttentiveTier, Samples, Spoken, Tier, UnheardError
from inference.analysis.words.whisper import WhisperTier
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.domain.streamed_words import AttendedWord
from inference.metrics import WORDS

LONGEST_PIECE_S = 30.0  # Whisper's window
KEPT_LINES = 4_096
LOADING_S = 120.0
Key = tuple[bytes, str, str]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What was heard in one line's sound."""

    text: str  # empty where nothing was, or nothing that can be believed
    certainty: float  # 0..1, the recogniser's own; 1 where it does not say
    recogniser: str
    doubt: str = ""  # why a text is not believed


@dataclass(frozen=True, slots=True)
class Streamed:
    """What was heard in sound that may go on; no words where nothing was, or nothing that can be believed."""

    words: tuple[AttendedWord, ...]
    certainty: float  # 0..1
    is_believed: bool = True


class Recogniser:
    """Safe to share between threads."""

    def __init__(self, tiers: Sequence[Tier]) -> None:
        self._tiers = tuple(tiers)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Line] = OrderedDict()
        self._failures: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Of who is asked first."""
        return self._tiers[0].name

    @property
    def at_once(self) -> int:
        return self._tiers[0].at_once

    def warm_up(self) -> None:
        """Blocking. A server is not asked for nothing."""
        for tier in self._tiers:
            if isinstance(tier, WhisperTier):
                with suppress(UnheardError):  # whoever asks for words is told
                    tier.hear(np.zeros(SAMPLE_RATE_HZ, np.float32), "en", LOADING_S)

    def hear(self, samples: Samples, language: str, budget_s: float) -> Line:
        """Raises UnheardError with the reason of each tier; `budget_s` is for each of them."""
        digest = hashlib.sha256(np.ascontiguousarray(samples).data).digest()
        reasons = []
        for tier in self._tiers:
            key = digest, language, tier.name
            if (known := self._known(key)) is not None:
                return known
            try:
                with tracing.span("hear words", attributes={"gen_ai.request.model": tier.name}):
                    line = _heard_by(tier, samples, language, budget_s)
            except UnheardError as error:
                WORDS.labels(tier.name.partition(" ")[0], "failed").inc()
                self._tell_failure(tier.name, str(error))
                reasons.append(f"{tier.name}: {error}")
                continue
            self._tell_success(tier.name)
            WORDS.labels(tier.name.partition(" ")[0], line.doubt or "heard").inc()
            self._keep(key, line)
            return line
        raise UnheardError("; ".join(reasons))

    @property
    def attends(self) -> bool:
        """Whether who is asked first tells which sound each word was written of."""
        return isinstance(self._tiers[0], AttentiveTier)

    def attend(self, samples: Samples, language: str, budget_s: float) -> Streamed:
        """Nothing of it is kept.

        Raises UnheardError where who is asked first cannot tell.
        """
        tier = self._tiers[0]
        if not isinstance(tier, AttentiveTier):
            raise UnheardError(f"{tier.name} does not tell which sound it writes a word of")
        found = tier.attend(samples, language, budget_s)
        doubt = why_not_believed(cleaned(found.text), found.log_probability, len(samples) / SAMPLE_RATE_HZ)
        WORDS.labels(tier.name.partition(" ")[0], doubt or "streamed").inc()
        words = [AttendedWord(cleaned(word.text), word.onset_s, word.offset_s) for word in found.words]
        return Streamed(() if doubt else tuple(words), _certainty(found), not doubt)

    def certainty(self, samples: Samples, language: str, line: str, decoys: Sequence[str]) -> float | None:
        """0..1, how much the sound favours the line over other lines of the song; None where nobody can say.

        This is not how words are heard: it is asked after that, and moves no score.
        """
        compare = getattr(self._tiers[0], "log_probabilities", None)
        if compare is None or not decoys or not line:
            return None
        cut = samples[: round(LONGEST_PIECE_S * SAMPLE_RATE_HZ)]
        found: list[float] | None = compare(cut, language, [line, *decoys])
        return None if found is None else float(1.0 / (1.0 + np.exp(max(found[1:]) - found[0])))

    def _known(self, key: Key) -> Line | None:
        with self._lock:
            return self._kept.get(key)

    def _keep(self, key: Key, line: Line) -> None:
        with self._lock:
            self._kept[key] = line
            while len(self._kept) > KEPT_LINES:
                self._kept.popitem(last=False)

    def _tell_failure(self, tier: str, reason: str) -> None:
        """Once for each reason, not for each line."""
        if self._failures.get(tier) != reason:
            logger.warning("words: %s did not hear: %s", tier, reason)
        self._failures[tier] = reason

    def _tell_success(self, tier: str) -> None:
        if self._failures.pop(tier, None) is not None:
            logger.info("words: %s hears again", tier)


def _heard_by(tier: Tier, samples: Samples, language: str, budget_s: float) -> Line:
    step = round(LONGEST_PIECE_S * SAMPLE_RATE_HZ)
    pieces = [samples[start : start + step] for start in range(0, len(samples), step)]
    lines = [_believed(tier.hear(piece, language, budget_s), tier.name, len(piece)) for piece in pieces]
    if len(lines) == 1:
        return lines[0]
    text = " ".join(line.text for line in lines if line.text)
    certainty = min((line.certainty for line in lines if line.text), default=0.0)
    return Line(text, certainty, tier.name, "" if text else next((line.doubt for line in lines if line.doubt), ""))


def _believed(spoken: Spoken, name: str, sample_count: int) -> Line:
    text = cleaned(spoken.text)
    doubt = why_not_believed(text, spoken.log_probability, sample_count / SAMPLE_RATE_HZ)
    return Line("" if doubt else text, _certainty(spoken), name, doubt)


def _certainty(spoken: Spoken) -> float:
    return 1.0 if spoken.log_probability is None else float(np.exp(min(0.0, spoken.log_probability)))
