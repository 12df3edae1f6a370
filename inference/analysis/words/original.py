"""What the recogniser hears in the original singer's own voice: the most that can be heard of a song's words."""

import hashlib
import logging
import re
import threading
import zlib
from dataclasses import dataclass

import fsspec
from voicejury.v1 import song_pb2

from inference.analysis.sung import sung_file
from inference.analysis.words.cuts import cut_samples, line_cuts
from inference.analysis.words.recogniser import Recogniser
from inference.audio.bleed.backings import song_sound
from inference.audio.working import MadeFrom, WorkingFiles
from inference.domain.line_words import hear_line, transcript
from inference.domain.melody import Phrase
from inference.domain.reference import Written

SONG_ID = re.compile(r"[a-z0-9-]{1,64}")
FILE_NAME = "original-words"
BUDGET_S = 60.0
LOCKS = 16  # songs share them by chance
QUIET = 1e-3  # a cut whose loudest sample is below this holds no voice
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Heard:
    text: str
    is_by_the_first: bool  # otherwise another recogniser stood in, for these takes and no later ones


class Originals:
    """Kept in the song's folder, so that it dies with the song. Safe to share between threads."""

    def __init__(self, songs_url: str) -> None:
        """`songs_url` holds a folder per song."""
        self._url = songs_url
        self._files, self._root = fsspec.core.url_to_fs(songs_url)
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def heard(self, song: song_pb2.Song, written: Written, language: str, recogniser: Recogniser) -> str | None:
        """Its transcript; None where the song has no voice of its own. Raises UnheardError."""
        if not song.vocals_key or not SONG_ID.fullmatch(song.id):
            return None
        files, made_from = WorkingFiles(f"{self._url}/{song.id}"), _made_from(song, written, language, recogniser)
        known = files.read(FILE_NAME, made_from)
        if known is not None:
            return known.decode()
        with self._locks[zlib.crc32(song.id.encode()) % LOCKS]:  # who asks for what is being heard waits for it
            known = files.read(FILE_NAME, made_from)
            if known is not None:
                return known.decode()
            found = self._hear(song, written, language, recogniser)
            if found is not None and found.is_by_the_first:
                self._keep(files, made_from, found.text)
            return None if found is None else found.text

    def _hear(self, song: song_pb2.Song, written: Written, language: str, recogniser: Recogniser) -> "_Heard | None":
        samples = song_sound(self._files, self._root, song.id, song.vocals_key)
        if samples is None:
            return None
        voice = sung_file(samples)
        lines, is_by_the_first = [], True
        for cut in line_cuts(voice, _as_recorded(written.melody.phrases, song)):
            sound = cut_samples(voice, cut)
            if len(sound) and float(abs(sound).max()) >= QUIET:
                line = recogniser.hear(sound, language, BUDGET_S)
                is_by_the_first = is_by_the_first and line.recogniser == recogniser.name
                lines.append(hear_line(written.lyrics, cut.phrase, line.text, False))
        return _Heard(transcript(lines), is_by_the_first)

    def _keep(self, files: WorkingFiles, made_from: MadeFrom, text: str) -> None:
        try:
            files.write(FILE_NAME, made_from, text.encode())
        except OSError as error:
            logger.warning("what was heard of an original voice cannot be kept: %s", error)


def _made_from(song: song_pb2.Song, written: Written, language: str, recogniser: Recogniser) -> MadeFrom:
    """The times of the lines are left out: a singer who moves the words does not change what the original sang."""
    words = "\n".join(f"{word.phrase} {word.text}" for word in written.lyrics.words)
    return {
        "voice": song.vocals_key,
        "song": song.content_hash,
        "words": hashlib.sha256(words.encode()).hexdigest(),
        "language": language,
        "recogniser": recogniser.name,
    }


def _as_recorded(phrases: tuple[Phrase, ...], song: song_pb2.Song) -> tuple[Phrase, ...]:
    """Without the tempo at which it is sung."""
    tempo = song.tempo or 1.0
    return tuple(Phrase(line.onset_s * tempo, line.offset_s * tempo, line.notes, line.text) for line in phrases)
