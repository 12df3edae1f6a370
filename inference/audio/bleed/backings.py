"""The songs' own sound, read once per song for whoever needs it, off the path of live sound."""

import logging
import re
import threading
from collections import OrderedDict

import fsspec
from voicejury.v1 import song_pb2

from inference.audio.files import load_mono_16k
from inference.audio.framing import Samples
from inference.errors import AudioFormatError

SONG_ID = re.compile(r"[a-z0-9-]{1,64}")
FILE_NAME = re.compile(r"[^/\\\x00]{1,255}")
MAX_FILE_BYTES = 400 * 1024 * 1024  # 40 min in the widest format that a song is kept in
LONGEST_S = 1800.0
KEPT_SAMPLES = 60 * 60 * 16_000  # an hour of songs: 230 MB

Key = tuple[str, str, str]
logger = logging.getLogger(__name__)


class Backings:
    """`songs_url` holds a folder per song. Blocking, for worker threads; safe to share between them."""

    def __init__(self, songs_url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(songs_url)
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, Samples] = OrderedDict()

    def of(self, song: song_pb2.Song) -> Samples | None:
        """At 16 kHz, mono; None where there is no file that can be read."""
        with self._lock:  # who asks for a song that is being read waits for it
            key = song.id, song.audio_key, song.content_hash
            found = self._known.get(key)
            if found is None:
                found = song_sound(self._files, self._root, song.id, song.audio_key)
                if found is None:
                    return None
                found.flags.writeable = False
                self._known[key] = found
            self._known.move_to_end(key)
            while sum(map(len, self._known.values())) > KEPT_SAMPLES and len(self._known) > 1:
                self._known.popitem(last=False)
            return found


def song_sound(files: fsspec.AbstractFileSystem, root: str, song_id: str, file_name: str) -> Samples | None:
    """One file of a song at 16 kHz, mono; None where there is none that can be read."""
    if not (SONG_ID.fullmatch(song_id) and FILE_NAME.fullmatch(file_name)) or file_name in (".", ".."):
        return None
    path = f"{root}/{song_id}/{file_name}"
    try:
        if files.size(path) > MAX_FILE_BYTES:
            raise AudioFormatError("the file is too large")
        return load_mono_16k(files.cat_file(path), LONGEST_S)
    except FileNotFoundError:
        logger.info("the sound of a song is not here")
    except (OSError, AudioFormatError) as error:
        logger.warning("the sound of a song cannot be read: %s", type(error).__name__)
    return None


def is_moved(song: song_pb2.Song) -> bool:
    """Sung in another key or tempo: the phone computes its sound, and no copy made elsewhere is the same."""
    return song.key_shift_semitones != 0 or song.tempo not in (0.0, 1.0)
