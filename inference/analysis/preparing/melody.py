"""What is sung in a recording: the written notes where there are some, otherwise those found in the voice."""

from dataclasses import replace

import numpy as np
from voicejury.v1 import song_pb2

from inference.analysis.preparing.lines import in_lines, timed_lines
from inference.contract import KINDS, song_melody
from inference.domain.contour import runs
from inference.domain.melody import Lyrics, Melody, Note, Phrase
from inference.domain.reference import Written, with_notes
from inference.domain.rules import ScoringRules
from inference.domain.track import PitchTrack
from inference.errors import PrepareError

KIND_NUMBERS = {kind: number for number, kind in KINDS.items()}
LEAST_RUN_S = 0.08  # a shorter voiced run of a stem is a drum or a squeak of the separation
QUIET_DB = 36.0  # below the voice's loud frames: what a separation leaves in the rests
LEAST_VOICED_S = 2.0  # of a whole song: less is nobody's melody
LEAST_NOTES = 4


def heard_voice(track: PitchTrack) -> PitchTrack:
    """The track without what is no singing: runs too short, frames far below the voice's own level."""
    f0_hz = track.f0_hz.copy()
    if track.level_db is not None and (f0_hz > 0).any():
        loud_db = float(np.percentile(track.level_db[f0_hz > 0], 90))
        f0_hz[track.level_db < loud_db - QUIET_DB] = 0.0
    shortest = round(LEAST_RUN_S / track.hop_s)
    for start, end in runs(f0_hz > 0):
        if end - start < shortest:
            f0_hz[start:end] = 0.0
    return replace(track, f0_hz=f0_hz)


def found_melody(track: PitchTrack, known: Melody, rules: ScoringRules) -> Melody:
    """Notes of the voice, in the lines of the words where these are timed. Raises PrepareError where nobody sings."""
    nothing = Lyrics("", ())
    found = with_notes(Written(Melody(()), nothing, track), rules).melody
    notes = sum(len(phrase.notes) for phrase in found.phrases)
    if float((track.f0_hz > 0).sum()) * track.hop_s < LEAST_VOICED_S or notes < LEAST_NOTES:
        raise PrepareError("no-voice", "nobody sings in this recording")
    lines = timed_lines(known)
    return in_lines(found, lines) if lines else found


def written_melody(song: song_pb2.Song) -> Melody | None:
    """The notes that came with the song; None where it has none. Raises SongError where they are damaged."""
    melody = known_melody(song)
    return melody if any(phrase.notes for phrase in melody.phrases) else None


def known_melody(song: song_pb2.Song) -> Melody:
    """Lines of words without notes are possible, and such as tell no end. Raises SongError."""
    if not song.voices:
        return Melody(())
    ended = song_pb2.Song()
    ended.CopyFrom(song)
    for phrase in ended.voices[0].reference.melody.phrases:
        if not phrase.notes:
            phrase.offset_s = max(phrase.onset_s, phrase.offset_s)
    return song_melody(ended)


def melody_message(melody: Melody) -> song_pb2.Melody:
    return song_pb2.Melody(phrases=[_phrase_message(phrase) for phrase in melody.phrases])


def _phrase_message(phrase: Phrase) -> song_pb2.Phrase:
    notes = [_note_message(note) for note in phrase.notes]
    return song_pb2.Phrase(onset_s=phrase.onset_s, offset_s=phrase.offset_s, notes=notes, text=phrase.text)


def _note_message(note: Note) -> song_pb2.Note:
    return song_pb2.Note(
        onset_s=note.onset_s,
        offset_s=note.offset_s,
        midi=note.midi,
        kind=KIND_NUMBERS[note.kind],
        syllable=note.syllable,
        starts_word=note.starts_word,
    )
