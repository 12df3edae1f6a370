"""The own songs by what somebody types or what a service calls them: accents, case and small errors do not matter."""

from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz import fuzz
from voicejury.v1 import song_pb2

from signaling.search.likeness import bare_title, fold
from signaling.search.tracks import Track

MIN_SCORE = 75.0  # of 100 for the whole
MIN_WORD_SCORE = 60.0  # one word that fits nowhere is another song
SAME_LENGTH_S = 10.0  # a live version or a remix of the same name is another song


class OwnSongs:
    """What was looked up of the catalogue once; made anew when the catalogue has changed."""

    def __init__(self, songs: Sequence[song_pb2.Song]) -> None:
        self.songs = songs
        self.ids = frozenset(song.id for song in songs)
        self.by_source = {song.source_id: song for song in songs if song.source_id}
        self._words = [fold(f"{song.title} {song.artist}").split() for song in songs]
        self._by_name: dict[tuple[str, str], list[song_pb2.Song]] = defaultdict(list)
        for song in songs:
            self._by_name[bare_title(song.title), fold(song.artist)].append(song)

    def find(self, query: str, limit: int) -> list[song_pb2.Song]:
        """The best matches first, words may be begun only; songs of equal score in the catalogue's order."""
        asked = sorted(fold(query).split(), key=len, reverse=True)  # a long word rules out most songs
        if not asked:
            return []
        scored = [(_score(asked, words), song) for words, song in zip(self._words, self.songs, strict=True)]
        fitting = [(score, song) for score, song in scored if score >= MIN_SCORE]
        fitting.sort(key=lambda pair: -pair[0])
        return [song for _, song in fitting[:limit]]

    def song_of(self, track: Track) -> str | None:
        """The id of the song that is this very track, or has its names and its length."""
        if (prepared := self.by_source.get(track.id)) is not None:
            return prepared.id
        for song in self._by_name.get((bare_title(track.title), fold(track.artist)), ()):
            if track.duration_s is None or abs(track.duration_s - song.duration_s) <= SAME_LENGTH_S:
                return song.id
        return None


def _score(asked: list[str], words: list[str]) -> float:
    """0..100: the mean over the typed letters of how well each word fits the beginning of one of the song's."""
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
