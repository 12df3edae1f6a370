"""Lyrics for tests, from plain text."""

from inference.domain.lyrics_score import LyricsScore, score_lyrics
from inference.domain.melody import Lyrics, Word
from inference.domain.rules import ScoringRules

RULES = ScoringRules()


def lyrics_of(text: str, language: str = "fr") -> Lyrics:
    """A word a second, a phrase a line."""
    words = [(word, phrase) for phrase, line in enumerate(text.splitlines()) for word in line.split()]
    return Lyrics(language, tuple(Word(word, float(n), n + 1.0, phrase) for n, (word, phrase) in enumerate(words)))


def scored(written: str, heard: str, language: str = "fr", rules: ScoringRules = RULES) -> LyricsScore:
    found = score_lyrics(lyrics_of(written, language), heard, frozenset(), rules)
    assert found is not None
    return found


def points(written: str, heard: str, language: str = "fr") -> float:
    return scored(written, heard, language).points
