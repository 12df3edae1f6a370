"""When each word of known lyrics is sung: every word's share of its line, drawn to the onsets of the voice.

Within a line the onsets of the words are a chain: a word lasts as long as its syllables ask for, give or take, counted
in time during which the voice sounds, and begins where the voice begins something. Forward and backward sums over the
chain give each word's onset its distribution; its median is the time and what lies near it is how sure the time is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.domain.lyrics_text import FILLER
from inference.domain.syllables import syllables
from inference.domain.track import Flags, Floats

# Fitted on 1337 lines of 23 songs with the times of their words, by the mean error of the onsets.
WORD_WEIGHT, LETTER_WEIGHT = 0.3, 0.1  # beside 1 per syllable
FINAL_WEIGHT = 1.0  # more of a line's last word: singers hold it
HELD = 1.5  # times as long as other words of their length
VOCALISE = re.compile(rf"{FILLER.pattern}|oh|ah|ooh|o|uh")
NO_LETTER = re.compile(r"\W")
FINEST_S, MOST_STEPS = 0.02, 300  # of the grid of a line
NEAR_S = 0.3  # how near the truth a word is called right
LEAST_WORD_S = 0.04
SYLLABLES, WHISPER, FILE = "syllables", "whisper", "file"


@dataclass(frozen=True, slots=True)
class WordTimesRules:
    """How far each kind of evidence is believed."""

    duration_spread: float = 0.5  # sd of the log of a syllable's length about its share
    final_spread: float = 0.7  # of the last one's
    silent_pace: float = 0.15  # a second of silence counts as so much singing
    solo_onset_gain: float = 6.0  # log-likelihood of a full onset of the voice alone
    mix_onset_gain: float = 3.0  # and of a mix, where instruments begin, too
    silence_cost: float = 1.5  # of a word that begins in silence
    tempi: tuple[float, ...] = (0.55, 0.75, 1.0, 1.35, 1.8, 2.4)  # of a line, where no end is written
    tempo_spread: float = 0.35  # sd of its log
    solo_unsung_cost: float = 1.0  # of a second of singing after the line's end
    mix_unsung_cost: float = 0.3  # where it may be no singing
    early_s: float = 0.2  # a first word may come before its line's time
    given_sd_s: float = 0.06  # of a line's written time
    placed_sd_s: float = 0.25  # of a line that was placed here


@dataclass(frozen=True, slots=True)
class VoiceEvents:
    """What a prepared voice does, on an even grid from second 0; shape (frames,) each."""

    hop_s: float
    activity: Floats  # 0..1, how surely somebody sings
    onsets: Floats  # 0..1, how clearly something begins
    is_solo: bool  # the voice alone, and no mix

    @property
    def duration_s(self) -> float:
        return self.hop_s * len(self.activity)


@dataclass(frozen=True, slots=True)
class LineWindow:
    """Where one line is sung."""

    line: int  # as it was given
    words: tuple[str, ...]
    onset_s: float
    offset_s: float  # where it probably ends
    limit_s: float  # where it surely does; later than offset_s where no end was written
    certainty: float  # 0..1 that it lies there; 1 where its onset was written with it


@dataclass(frozen=True, slots=True)
class TimedWord:
    text: str
    onset_s: float
    offset_s: float
    line: int
    timed_by: str  # "file", "whisper", "syllables"
    certainty: float  # 0..1 that the onset is within NEAR_S


class WordTimer(Protocol):
    """Times the words of one line."""

    @property
    def method(self) -> str: ...

    def knows(self, language: str) -> bool:
        """Whether words of this language (ISO 639) can be told from others."""
        ...

    def time_line(self, window: LineWindow, language: str) -> tuple[TimedWord, ...] | None:
        """Every word of the line in order; None where this timer cannot be believed."""
        ...


@dataclass(frozen=True, slots=True)
class SyllableTimer:
    """The embedded timer: no speech model, a voice where there is one."""

    voice: VoiceEvents | None
    rules: WordTimesRules = WordTimesRules()

    @property
    def method(self) -> str:
        return SYLLABLES

    def knows(self, language: str) -> bool:
        """Of none: it hears where somebody sings, not what."""
        return False

    def time_line(self, window: LineWindow, language: str) -> tuple[TimedWord, ...]:
        """Always an answer; where nothing is known of the line its certainty is low."""
        if not window.words:
            return ()
        times_s = _grid_s(window, self.rules)
        heard = _heard(self.voice, times_s)
        weights, is_first = syllable_weights(window.words, language)
        posterior = _posterior(window, weights, times_s, heard, self.rules)[is_first]
        onsets_s = _medians(posterior, times_s)
        sure = window.certainty * _near(posterior, times_s, onsets_s)
        return _words(window, onsets_s, sure, heard, times_s)


def syllable_weights(words: Sequence[str], language: str) -> tuple[Floats, Flags]:
    """The same for each syllable, and which of them begin words; shape (syllables,) each."""
    weights, is_first = [], []
    for word, weight in zip(words, word_weights(words, language) - _final(len(words)), strict=True):
        count = syllables(word, language)
        weights += [weight / count] * count
        is_first += [True] + [False] * (count - 1)
    return np.array(weights) + _final(len(weights)), np.array(is_first)


def _final(count: int) -> Floats:
    return np.array([0.0] * (count - 1) + [FINAL_WEIGHT])


def word_weights(words: Sequence[str], language: str) -> Floats:
    """How much of its line's time each word takes, in syllables; shape (words,)."""
    return np.array([_weight(word, language) for word in words]) + _final(len(words))


def _weight(word: str, language: str) -> float:
    weight = WORD_WEIGHT + syllables(word, language) + LETTER_WEIGHT * min(len(word), 20)
    return weight * HELD if VOCALISE.fullmatch(NO_LETTER.sub("", word.casefold())) else weight


@dataclass(frozen=True, slots=True)
class _Heard:
    """The voice at the points of a line's grid; shape (points,) each."""

    activity: Floats
    onsets: Floats
    follows: Floats  # activity in the 100 ms after
    is_solo: bool


def _grid_s(window: LineWindow, rules: WordTimesRules) -> Floats:
    first_s = max(0.0, window.onset_s - rules.early_s)
    length_s = max(window.limit_s - first_s, LEAST_WORD_S * (len(window.words) + 1))
    points = int(np.clip(np.ceil(length_s / FINEST_S), 8, MOST_STEPS)) + 1
    return np.linspace(first_s, first_s + length_s, points)


def _heard(voice: VoiceEvents | None, times_s: Floats) -> _Heard:
    """Without a voice everything is as likely sung as not, and nothing begins anywhere."""
    if voice is None or not len(voice.activity):
        return _Heard(np.ones(len(times_s)), np.zeros(len(times_s)), np.ones(len(times_s)), False)
    step = max(1, round((times_s[1] - times_s[0]) / voice.hop_s))
    frames = np.round(times_s / voice.hop_s).astype(np.int64)
    ahead = max(1, round(0.1 / voice.hop_s))
    return _Heard(
        _gathered(voice.activity, frames, 0, step).mean(axis=1),
        _gathered(voice.onsets, frames, -(step // 2) - 1, step // 2 + 2).max(axis=1),
        _gathered(voice.activity, frames, 0, ahead).mean(axis=1),
        voice.is_solo,
    )


def _gathered(values: Floats, frames: NDArray[np.int64], first: int, after: int) -> Floats:
    """Those at frames + first .. frames + after - 1, shape (frames, after - first); 0 beyond the ends."""
    places = frames[:, None] + np.arange(first, after)
    inside = (places >= 0) & (places < len(values))
    return np.where(inside, values[np.clip(places, 0, len(values) - 1)], 0.0)


def _posterior(window: LineWindow, weights: Floats, times_s: Floats, heard: _Heard, rules: WordTimesRules) -> Floats:
    """How likely each word begins at each point; shape (words, points), rows sum to 1."""
    step_s = float(times_s[1] - times_s[0])
    pace = rules.silent_pace + (1.0 - rules.silent_pace) * heard.activity
    clock = np.concatenate(([0.0], np.cumsum(pace[:-1]))) * step_s
    start, end = np.interp([window.onset_s, window.offset_s], times_s, clock)
    shares_s = np.maximum(weights / weights.sum() * max(end - start, step_s), 0.25 * step_s)
    onset_gain = rules.solo_onset_gain if heard.is_solo else rules.mix_onset_gain
    begins = np.exp(onset_gain * heard.onsets - rules.silence_cost * (1.0 - heard.follows))
    spread_s = max(step_s, rules.given_sd_s if window.certainty == 1.0 else rules.placed_sd_s)
    chain = _Chain(
        logs=_log_lengths(clock),
        first=np.exp(-0.5 * ((times_s - window.onset_s) / spread_s) ** 2) * begins,
        begins=begins,
        after=np.exp(-(rules.solo_unsung_cost if heard.is_solo else rules.mix_unsung_cost) * (clock[-1] - clock)),
        spreads=np.array([rules.duration_spread] * (len(weights) - 1) + [rules.final_spread]),
    )
    if window.limit_s <= window.offset_s:
        return chain.rows(shares_s, ends_last=True)[0]
    found = [(chain.rows(shares_s * tempo, ends_last=False), tempo) for tempo in rules.tempi]
    scores = np.array([score - 0.5 * (np.log(tempo) / rules.tempo_spread) ** 2 for (_, score), tempo in found])
    shares = np.exp(scores - scores.max())
    return np.asarray(np.tensordot(shares / shares.sum(), np.array([rows for (rows, _), _ in found]), axes=1))


def _log_lengths(clock: Floats) -> Floats:
    """Of the singing between two points; infinite where the second is not later."""
    between = clock[None, :] - clock[:, None]
    return np.where(between > 1e-9, np.log(np.maximum(between, 1e-9)), np.inf)


@dataclass(frozen=True, slots=True)
class _Chain:
    """The onsets of a line's words as a chain over the points of its grid."""

    logs: Floats  # shape (points, points)
    first: Floats  # how likely the line begins at each point
    begins: Floats  # and any word
    after: Floats  # how likely nothing is sung from each point on
    spreads: Floats  # of each word's length, shape (words,)

    def rows(self, shares_s: Floats, ends_last: bool) -> tuple[Floats, float]:
        """Each word's distribution, and the log-likelihood of the whole; `ends_last`: the line ends with the grid."""
        steps = [_lengths(self.logs, share, spread) for share, spread in zip(shares_s, self.spreads, strict=True)]
        forward, score = [_scaled(self.first)], float(np.log(max(self.first.sum(), 1e-300)))
        for step in steps[:-1]:
            row = (forward[-1] @ step) * self.begins
            score += float(np.log(max(row.sum(), 1e-300)))
            forward.append(_scaled(row))
        backward = steps[-1][:, -1] if ends_last else steps[-1] @ self.after
        score += float(np.log(max((forward[-1] * backward).sum(), 1e-300)))
        out = [_scaled(forward[-1] * backward)]
        for row, step in zip(forward[-2::-1], steps[-2::-1], strict=True):
            backward = _scaled(step @ (self.begins * backward))
            out.append(_scaled(row * backward))
        return np.array(out[::-1]), score


def _lengths(logs: Floats, share_s: float, spread: float) -> Floats:
    """Log-normal density of the length between two points."""
    with np.errstate(invalid="ignore"):
        density = np.exp(-0.5 * ((logs - np.log(share_s)) / spread) ** 2 - logs)
    return np.asarray(np.nan_to_num(density, nan=0.0, posinf=0.0))


def _scaled(row: Floats) -> Floats:
    """Sums to 1; even where nothing is possible."""
    total = row.sum()
    return row / total if total > 0 and np.isfinite(total) else np.full(len(row), 1.0 / len(row))


def _medians(posterior: Floats, times_s: Floats) -> Floats:
    """The median of each row, between points; rows are ordered, so their medians are."""
    mass = np.cumsum(posterior, axis=1)
    found = np.array([np.interp(0.5, row, times_s) for row in mass])
    return np.maximum.accumulate(found)


def _near(posterior: Floats, times_s: Floats, onsets_s: Floats) -> Floats:
    """The share of each row within NEAR_S of its time."""
    return np.asarray((posterior * (np.abs(times_s[None, :] - onsets_s[:, None]) <= NEAR_S)).sum(axis=1))


def _words(window: LineWindow, onsets_s: Floats, sure: Floats, heard: _Heard, times_s: Floats) -> tuple[TimedWord, ...]:
    ends_s = [*onsets_s[1:], max(times_s[-1], onsets_s[-1] + LEAST_WORD_S)]
    words = []
    for text, onset_s, end_s, certainty in zip(window.words, onsets_s, ends_s, sure, strict=True):
        offset_s = _voice_end_s(float(onset_s), float(end_s), heard, times_s)
        words.append(TimedWord(text, float(onset_s), offset_s, window.line, SYLLABLES, float(np.clip(certainty, 0, 1))))
    return tuple(words)


def _voice_end_s(onset_s: float, end_s: float, heard: _Heard, times_s: Floats) -> float:
    """Where the voice stops before the next word."""
    active = times_s[(times_s > onset_s) & (times_s <= end_s) & (heard.activity > 0.5)]
    last_s = float(active[-1]) + float(times_s[1] - times_s[0]) if len(active) else end_s
    return min(end_s, max(last_s, onset_s + 2 * LEAST_WORD_S))
