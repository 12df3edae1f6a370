"""Whisper on one sung line: what it hears by itself, and how likely it finds given lines on the same sound.

Nothing is written into its prompt: of known lyrics it would write them on silence. Greedy, at temperature 0, without
what came before; decoding the same samples again gives the same words.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.domain.streamed_words import AttendedWord
from inference.errors import ModelMissingError, OverloadedError
from inference.models.card import ALONE, FinalAfter
from inference.models.whisper_align import LONGEST_S, SAMPLE_RATE_HZ, WhisperAligner

NO_WORD = -1e3  # log-probability of a text that cannot be written
SHORTEST_WINDOW_S = 1.0
MOST_TOKENS_PER_S = 16  # of sound that still goes on: more is a loop, and is given up early
LEAST_TOKENS = 16
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    log_probability: float  # mean over the tokens, the end included
    language: str  # in which it was decoded


@dataclass(frozen=True, slots=True)
class Attended:
    """What was heard in sound that may go on, each word with the sound that it was written of."""

    words: tuple[AttendedWord, ...]  # in seconds of the samples; empty where no attention can be told
    text: str
    log_probability: float  # mean over the tokens, the end included


class WhisperLines:
    """One model from a folder, loaded when it is first asked; safe to share between threads.

    A window shorter than Whisper's own 30 s costs less: the line is padded with silence up to it.
    """

    def __init__(self, folder: Path, window_s: float = LONGEST_S, final: FinalAfter = ALONE) -> None:
        """`final` lets the live judge go first, a second a line at most."""
        self._aligner = WhisperAligner(folder)
        self._final = final
        self._window_s = window_s
        self._latest: tuple[bytes, object] = b"", None

    def decode(self, samples: Samples, language: str, wait_s: float) -> Decoded:
        """LONGEST_S of samples at most.

        Raises ModelMissingError where there is none, or none that knows the language; OverloadedError after `wait_s`.
        """
        with self._turn(wait_s):
            return self._decode(samples, language)

    def attend(self, samples: Samples, language: str, wait_s: float) -> Attended:
        """Like `decode`, with the attention of each word. Raises what `decode` raises."""
        with self._turn(wait_s):
            most = LEAST_TOKENS + round(MOST_TOKENS_PER_S * len(samples) / SAMPLE_RATE_HZ)
            tokens, mean, tokenizer = self._generated(samples, language, most)
            words = self._aligner.attended(tokenizer, tokens, self._encoded(samples), len(samples))
            return Attended(words, tokenizer.decode(tokens).strip(), mean)

    @contextmanager
    def _turn(self, wait_s: float) -> Iterator[None]:
        """Raises OverloadedError."""
        self._final.stand_back()
        if not self._aligner.lock.acquire(timeout=wait_s):
            raise OverloadedError("Whisper is busy with other lines")
        try:
            yield
        finally:
            self._aligner.lock.release()

    def log_probabilities(self, samples: Samples, language: str, texts: Sequence[str]) -> list[float]:
        """Mean log-probability of the tokens of each text, forced on the sound: the encoder runs once for all."""
        with self._aligner.lock:
            tokenizer, encoded = self._tokenizer(language), self._encoded(samples)
            return [self._forced(tokenizer, encoded, text, len(samples)) for text in texts]

    def _decode(self, samples: Samples, language: str) -> Decoded:
        tokens, mean, tokenizer = self._generated(samples, language, self._aligner.model.max_length)
        return Decoded(tokenizer.decode(tokens).strip(), mean, tokenizer.language_code)

    def _generated(self, samples: Samples, language: str, most_tokens: int):  # type: ignore[no-untyped-def]
        """The tokens of the text, their mean log-probability, and the tokenizer."""
        model, tokenizer = self._aligner.model, self._tokenizer(language)
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        heard = model.model.generate(
            self._encoded(samples),
            [prompt],
            beam_size=1,
            return_scores=True,
            max_length=min(most_tokens + len(prompt), model.max_length),
            suppress_blank=True,
            suppress_tokens=[-1],  # those of the model's own list: notes, brackets, speakers
        )[0]
        tokens = heard.sequences_ids[0]
        mean = heard.scores[0] * len(tokens) / (len(tokens) + 1)  # the score leaves the end of the text out
        return [token for token in tokens if token < tokenizer.eot], float(mean), tokenizer

    def _forced(self, tokenizer, encoded, text: str, sample_count: int) -> float:  # type: ignore[no-untyped-def]
        model = self._aligner.model
        tokens = tokenizer.encode(" " + text.strip())
        if not tokens or len(tokens) > model.max_length // 2:
            return NO_WORD
        frames = sample_count // model.feature_extractor.hop_length
        found = model.model.align(encoded, tokenizer.sot_sequence, [tokens], frames)[0]
        return float(np.log(np.maximum(np.array(found.text_token_probs, np.float64), 1e-9)).mean())

    def _tokenizer(self, language: str):  # type: ignore[no-untyped-def]  # faster_whisper has no types
        """Raises ModelMissingError where the model would silently hear another language."""
        code = language.lower().partition("-")[0]
        unknown = ModelMissingError(f"the Whisper model in VOICEJURY_WHISPER_MODEL knows no language {code!r}")
        if code != "en" and not self._aligner.model.model.is_multilingual:
            raise unknown
        try:
            tokenizer = self._aligner.tokenizer(code)
        except ValueError as error:
            raise unknown from error
        if tokenizer.language_code != code:
            raise unknown
        return tokenizer

    def _encoded(self, samples: Samples):  # type: ignore[no-untyped-def]
        """What was encoded last is kept: a line is heard first, and then held against other lines."""
        key = hashlib.sha256(np.ascontiguousarray(samples).data).digest()
        if key != self._latest[0]:
            self._latest = key, self._encode(samples)
        return self._latest[1]

    def _encode(self, samples: Samples):  # type: ignore[no-untyped-def]
        from faster_whisper.audio import pad_or_trim

        model = self._aligner.model
        window_s = min(LONGEST_S, max(self._window_s, SHORTEST_WINDOW_S, len(samples) / SAMPLE_RATE_HZ))
        frames = round(window_s * SAMPLE_RATE_HZ) // model.feature_extractor.hop_length
        return model.encode(pad_or_trim(model.feature_extractor(samples), frames))
