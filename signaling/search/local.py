"""The own songs by what somebody types: words may be begun only, accents and small errors do not matter."""

from collections.abc import Iterable

from rapidfuzz import fuzz
from voicejury.v1 import song_pb2

from signaling.search.likeness import fold

MIN_SCORE = 75.0  # of 100 for the whole
MIN_WORD_SCORE = 60.0  # one word that fits nowhere is another song


def find_songs(songs: Iterable[song_pb2.Song], query: str, limit: int) -> list[song_pb2.Song]:
    """The best matches first; songs of equal score in the catalogue's order."""
    asked = fold(query).split()
    if not asked:
        return []
    scored = [(_score(asked, song), song) for song in songs]
    fitting = [(score, song) for score, song in scored if score >= MIN_SCORE]
    fitting.sort(key=lambda pair: -pair[0])
    return [song for _, song in fitting[:limit]]


def _score(asked: list[str], song: song_pb2.Song) -> float:
    """0..100: the mean over the typed letters of how well each word fits the beginning of one of the song's."""
    words = fold(f"{song.title} {song.artist}").split()
    total = letters = 0.0
    for typed in asked:
        best = max((_word_score(typed, word) for word in words), default=0.0)
        if best < MIN_WORD_SCORE:
            return 0.0
        total += best * len(typed)
        letters += len(typed)
    return total / letters


def _word_score(typed: str, word: str) -> float:
    """A whole word stands before one that is only begun."""
    if word == typed:
        return 100.0
    begun = fuzz.ratio(typed, word[: len(typed)])
    return max(begun - 1.0, fuzz.ratio(typed, word))
