"""Words by Whisper's cross-attention: the known line is forced, where the decoder looks tells when each word is sung.

The text is given, so its probability alone proves nothing: a famous line is likely without any sound. A line counts
only where the sound makes it more likely than silence does, and where its words lie inside it at a speed that can be
sung.
"""

import threading
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.domain.streamed_words import AttendedWord
from inference.domain.word_times import WHISPER, LineWindow, TimedWord
from inference.errors import ModelMissingError
from inference.models.memory import measured

SAMPLE_RATE_HZ = 16_000
PAD_S = 0.5  # lines are sung early and late
LONGEST_S = 30.0  # Whisper's window
NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")  # without tokenizer.json faster-whisper asks a hub
LEAST_GAIN = 0.2  # of the mean log-probability of a token over that on silence
LEAST_PROBABILITY = 0.1  # geometric mean of the line's tokens
EARLY_S = 0.1  # of a line's first word
OUTSIDE_S = 0.35  # a word may begin so much before its line, or after its end
QUICKEST_WORD_S = 0.06  # on average: quicker is no singing, but an attention that collapsed
MOST_CERTAINTY = 0.95
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Forced:
    """A line that was forced on a sound."""

    texts: list[str]
    onsets_s: list[float]
    offsets_s: list[float]
    probabilities: list[float]  # of each word
    log_probability: float  # mean of the tokens


class WhisperAligner:
    """One model, loaded when it is first asked; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lock = threading.Lock()

    def listen(self, samples: Samples) -> "WhisperTimer":
        """A timer for one sound. Raises ModelMissingError."""
        with self.lock:
            return WhisperTimer(self, samples, bool(self.model.model.is_multilingual))

    @cached_property
    def model(self):  # type: ignore[no-untyped-def]  # faster_whisper has no types
        missing = [name for name in NEEDED_FILES if not (self._folder / name).is_file()]
        if missing:
            raise ModelMissingError(f"the Whisper model in VOICEJURY_WHISPER_MODEL has no {', '.join(missing)}")
        from faster_whisper import WhisperModel  # heavy: only where words are timed

        try:
            with measured(f"whisper {self._folder.name}", "host"):
                return WhisperModel(str(self._folder), device="auto", compute_type="default", local_files_only=True)
        except (RuntimeError, ValueError) as error:
            raise ModelMissingError("the Whisper model in VOICEJURY_WHISPER_MODEL cannot be loaded") from error

    def force(self, piece: Samples, text: str, language: str) -> _Forced | None:
        """None where the text has no token, or too many."""
        tokenizer = self.tokenizer(language)
        tokens = tokenizer.encode(" " + text.strip())
        if not tokens or len(tokens) > self.model.max_length // 2:
            return None
        heard = self._aligned(tokenizer, tokens, self._encoded(piece), len(piece))
        silent = self._aligned(tokenizer, tokens, self._silence, len(piece))
        if heard is None or silent is None or heard.log_probability - silent.log_probability < LEAST_GAIN:
            return None
        return heard

    def tokenizer(self, language: str):  # type: ignore[no-untyped-def]
        from faster_whisper.tokenizer import Tokenizer

        multilingual = self.model.model.is_multilingual
        return Tokenizer(self.model.hf_tokenizer, multilingual, task="transcribe", language=language)

    def _encoded(self, piece: Samples):  # type: ignore[no-untyped-def]
        from faster_whisper.audio import pad_or_trim

        features = self.model.feature_extractor(piece)
        return self.model.encode(pad_or_trim(features, self.model.feature_extractor.nb_max_frames))

    @cached_property
    def _silence(self):  # type: ignore[no-untyped-def]
        return self._encoded(np.zeros(round(SAMPLE_RATE_HZ * LONGEST_S), np.float32))

    def _aligned(self, tokenizer, tokens: list[int], encoded, sample_count: int) -> _Forced | None:  # type: ignore[no-untyped-def]
        result = self._attention(tokenizer, tokens, encoded, sample_count)
        words, word_tokens, spans = self._word_spans(tokenizer, tokens, result)
        if not spans:
            return None
        borders = np.concatenate(([0], np.cumsum([len(part) for part in word_tokens])))
        probabilities = np.maximum(np.array(result.text_token_probs, dtype=np.float64), 1e-9)
        by_word = [float(probabilities[a:b].mean()) for a, b in pairwise(borders)]
        onsets, offsets = [span[0] for span in spans], [span[1] for span in spans]
        return _Forced(words, onsets, offsets, by_word, float(np.log(probabilities).mean()))

    def attended(self, tokenizer, tokens: list[int], encoded, sample_count: int) -> tuple[AttendedWord, ...]:  # type: ignore[no-untyped-def]
        """The words of tokens, each with the sound that the decoder listens to; none where that cannot be told."""
        if not tokens:
            return ()
        words, _, spans = self._word_spans(tokenizer, tokens, self._attention(tokenizer, tokens, encoded, sample_count))
        return tuple(AttendedWord(text.strip(), *span) for text, span in zip(words, spans, strict=False))

    def _attention(self, tokenizer, tokens: list[int], encoded, sample_count: int):  # type: ignore[no-untyped-def]
        frames = sample_count // self.model.feature_extractor.hop_length
        return self.model.model.align(encoded, tokenizer.sot_sequence, [tokens], frames, median_filter_width=7)[0]

    def _word_spans(self, tokenizer, tokens: list[int], result):  # type: ignore[no-untyped-def]
        """The words, the tokens of each, and its onset and offset in seconds; no such spans where some are missing."""
        words, word_tokens = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
        borders = np.concatenate(([0], np.cumsum([len(part) for part in word_tokens[:-1]])))
        text_places = np.array([pair[0] for pair in result.alignments])
        frame_places = np.array([pair[1] for pair in result.alignments])
        jumps = np.concatenate(([True], np.diff(text_places) > 0)) if len(text_places) else np.zeros(0, bool)
        times_s = frame_places[jumps] / self.model.tokens_per_second
        if len(borders) < 2 or len(times_s) <= borders[-1]:
            return words[:-1], word_tokens[:-1], []
        return words[:-1], word_tokens[:-1], list(pairwise(times_s[borders].tolist()))


class WhisperTimer:
    """A WordTimer on one sound."""

    def __init__(self, aligner: WhisperAligner, samples: Samples, is_multilingual: bool) -> None:
        self._aligner = aligner
        self._samples = samples
        self._is_multilingual = is_multilingual

    @property
    def method(self) -> str:
        return WHISPER

    def knows(self, language: str) -> bool:
        return language.partition("-")[0] in self._aligner.model.supported_languages

    def time_line(self, window: LineWindow, language: str) -> tuple[TimedWord, ...] | None:
        """None where Whisper cannot be believed on this line, or does not know the language."""
        language = language.partition("-")[0]
        if not language or (language != "en" and not self._is_multilingual) or not window.words:
            return None
        first_s = max(0.0, window.onset_s - PAD_S)
        last_s = min(window.limit_s + PAD_S, first_s + LONGEST_S)
        piece = self._samples[round(first_s * SAMPLE_RATE_HZ) : round(last_s * SAMPLE_RATE_HZ)]
        if len(piece) < SAMPLE_RATE_HZ // 4:
            return None
        with self._aligner.lock:
            try:
                forced = self._aligner.force(piece, " ".join(window.words), language)
            except ValueError:  # a language that this model does not have
                return None
        return None if forced is None else _believed(forced, window, first_s)


def _believed(forced: _Forced, window: LineWindow, first_s: float) -> tuple[TimedWord, ...] | None:
    """The written words with the times of the pieces that spell them; None where they cannot be."""
    spans = _spelt(forced, window.words)
    if spans is None or np.exp(forced.log_probability) < LEAST_PROBABILITY:
        return None
    words = tuple(
        TimedWord(text, first_s + onset_s, first_s + max(onset_s, offset_s), window.line, WHISPER, certainty)
        for text, (onset_s, offset_s, certainty) in zip(window.words, spans, strict=True)
    )
    words = (_not_too_early(words[0], window), *words[1:])
    whole_s = words[-1].offset_s - words[0].onset_s
    inside = all(window.onset_s - OUTSIDE_S <= word.onset_s <= window.limit_s + OUTSIDE_S for word in words)
    return words if inside and whole_s >= QUICKEST_WORD_S * len(words) else None


def _not_too_early(first: TimedWord, window: LineWindow) -> TimedWord:
    """The attention of a first word often lies on the start of the sound."""
    onset_s = max(first.onset_s, window.onset_s - EARLY_S)
    return replace(first, onset_s=onset_s, offset_s=max(first.offset_s, onset_s))


def _spelt(forced: _Forced, written: tuple[str, ...]) -> list[tuple[float, float, float]] | None:
    """(onset s, offset s, certainty) of each written word: Whisper's own words end at other places, as in "l'eau"."""
    letters = ["".join(text.split()) for text in forced.texts]
    owners = [number for number, text in enumerate(letters) for _ in text]
    if "".join(letters) != "".join("".join(written).split()):
        return None
    out, place = [], 0
    for word in written:
        pieces = owners[place : place + len("".join(word.split()))]
        place += len(pieces)
        first, last = pieces[0], pieces[-1]
        probability = float(np.mean(forced.probabilities[first : last + 1]))
        out.append((forced.onsets_s[first], forced.offsets_s[last], MOST_CERTAINTY * probability**0.5))
    return out
