"""A song as one singer asked for it: moved by some semitones, sung slower or faster."""

import math
import re

from voicejury.v1 import song_pb2

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KEY = re.compile(r"([A-G]#?)(m?)")
MAX_SHIFT_SEMITONES = 12.0
MIN_TEMPO, MAX_TEMPO = 0.5, 1.5


def moved(song: song_pb2.Song, key_shift_semitones: float, tempo: float) -> song_pb2.Song:
    """A new message; with tempo 0.8 every time is divided by 0.8. Raises ValueError for a tempo that is not above 0."""
    if not (math.isfinite(tempo) and tempo > 0 and math.isfinite(key_shift_semitones)):
        raise ValueError(f"a song cannot be moved by {key_shift_semitones} semitones at tempo {tempo}")
    new = song_pb2.Song()
    new.CopyFrom(song)
    if key_shift_semitones == 0 and tempo == 1:
        return new
    for voice in new.voices:
        _move_reference(voice.reference, key_shift_semitones, tempo)
    _move_range(new, key_shift_semitones)
    new.duration_s /= tempo
    new.key = moved_key(new.key, key_shift_semitones)
    new.key_shift_semitones += key_shift_semitones
    new.tempo = (new.tempo or 1.0) * tempo
    return new


def moved_key(key: str, key_shift_semitones: float) -> str:
    """The name of the nearest key, in sharps; empty for a name that is none."""
    found = KEY.fullmatch(key)
    if found is None or found.group(1) not in KEYS:
        return ""
    step = KEYS.index(found.group(1)) + round(key_shift_semitones)
    return KEYS[step % len(KEYS)] + found.group(2)


def _move_range(song: song_pb2.Song, key_shift_semitones: float) -> None:
    for edge in ("lowest_midi", "highest_midi"):
        if song.HasField(edge):
            setattr(song, edge, getattr(song, edge) + key_shift_semitones)


def _move_reference(reference: song_pb2.Reference, key_shift_semitones: float, tempo: float) -> None:
    for phrase in reference.melody.phrases:
        _divide(phrase, tempo)
        for note in phrase.notes:
            _divide(note, tempo)
            note.midi += key_shift_semitones
    for word in reference.lyrics.words:
        _divide(word, tempo)
    if reference.HasField("contour"):
        _move_contour(reference.contour, key_shift_semitones, tempo)


def _divide(timed: "song_pb2.Phrase | song_pb2.Note | song_pb2.Word", tempo: float) -> None:
    timed.onset_s /= tempo
    timed.offset_s /= tempo


def _move_contour(contour: song_pb2.PitchTrack, key_shift_semitones: float, tempo: float) -> None:
    ratio = 2.0 ** (key_shift_semitones / 12)
    contour.first_s /= tempo
    contour.hop_s /= tempo
    contour.f0_hz[:] = [f0_hz * ratio for f0_hz in contour.f0_hz]  # 0 stays unvoiced
