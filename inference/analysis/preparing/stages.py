"""From a recording, or a karaoke pair, to a song that can be sung."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.preparing.confidence import Stem, measure_confidence
from inference.analysis.preparing.key import key_of, span_of
from inference.analysis.preparing.melody import found_melody, heard_voice, known_melody, melody_message, written_melody
from inference.analysis.preparing.pace import Pace, Progress, Stopwatch
from inference.analysis.preparing.stems import Given, Stems, given_parts, split_mix
from inference.analysis.references import contour_message
from inference.audio.recordings import STEREO_RATE_HZ, blocks_of, loudest_second_db, mono_16k, write_flac
from inference.domain.melody import Melody
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.track import PitchTrack
from inference.errors import PrepareError
from inference.models.estimator import PitchEstimator
from inference.models.separator import Separator
from inference.models.tracking import track_pitch

DECODE = reference_pb2.PREPARE_STAGE_DECODE
SEPARATE = reference_pb2.PREPARE_STAGE_SEPARATE
PITCH = reference_pb2.PREPARE_STAGE_PITCH
STORE = reference_pb2.PREPARE_STAGE_STORE
BACKING_NAME, VOCALS_NAME = "instrumental.flac", "vocals.flac"  # the recording is their sum
MEDIA_TYPE = "audio/flac"
TRACKED = 0.8  # of the pitch stage; the rest is notes and confidence


@dataclass(frozen=True, slots=True)
class PrepareTools:
    """What a preparation needs; the networks are loaded when the first song needs them."""

    separator: Separator
    estimator: Callable[[], PitchEstimator]
    pace: Pace
    longest_s: float


def prepare(
    given: Given, known: song_pb2.Song, folder: Path, tools: PrepareTools, tell: Callable[[Progress], None]
) -> reference_pb2.PreparedSong:
    """Writes the song's sound into `folder`. `tell` may raise to end it. Raises PrepareError, SongError."""
    written = written_melody(known)
    watch = Stopwatch(tools.pace, _stages(given, written, tools), tell)
    stems = _stems(given, written, tools, watch)
    song = song_pb2.Song()
    song.CopyFrom(known)
    song.duration_s = watch.song_s
    if stems.vocals is None:
        _add_range(song, written or Melody(()))
    else:
        _analyse(song, stems, written, tools, watch)
    _store(song, stems, folder, watch)
    watch.finish()
    times = [_stage_time(stage, wall_s) for stage, wall_s in watch.times_s.items()]
    return reference_pb2.PreparedSong(song=song, times=times, separator=stems.separator)


def _stages(given: Given, written: Melody | None, tools: PrepareTools) -> frozenset[int]:
    stages = {DECODE, STORE}
    if _is_split(given, written, tools):
        stages.add(SEPARATE)
    if SEPARATE in stages or given.vocals is not None:
        stages.add(PITCH)
    return frozenset(stages)


def _is_split(given: Given, written: Melody | None, tools: PrepareTools) -> bool:
    """A song with written notes can do without, where nothing is installed that splits."""
    return given.original is not None and (written is None or not tools.separator.missing())


def _stems(given: Given, written: Melody | None, tools: PrepareTools, watch: Stopwatch) -> Stems:
    if given.original is None and given.vocals is None and written is None:
        raise PrepareError("no-voice", "a backing alone cannot be sung: it needs a voice or written notes")
    if given.original is not None and written is None:
        reason = tools.separator.missing()
        if reason:  # told before a minute of decoding
            raise PrepareError("separation-missing", reason)
    watch.stage(DECODE, 0.0)
    stems = given_parts(given, tools.longest_s, lambda done: watch.stage(DECODE, done))
    watch.song_s = stems.instrumental.shape[1] / STEREO_RATE_HZ
    if _is_split(given, written, tools):
        watch.stage(SEPARATE, 0.0)
        stems = split_mix(stems.instrumental, tools.separator, lambda done: watch.stage(SEPARATE, done))
    return stems


def _analyse(song: song_pb2.Song, stems: Stems, written: Melody | None, tools: PrepareTools, watch: Stopwatch) -> None:
    """Puts notes, range, key and confidence into the song."""
    assert stems.vocals is not None
    watch.stage(PITCH, 0.0)
    rules = rules_for(Level.NORMAL)
    vocals = mono_16k(stems.vocals)
    track = heard_voice(_track(vocals, tools, rules, watch))
    melody = written or found_melody(track, known_melody(song), rules)
    if written is None:
        _put_melody(song, melody, track)
    _add_range(song, melody)
    over_db = loudest_second_db(stems.vocals) - loudest_second_db(stems.instrumental)
    stem = Stem(vocals, mono_16k(stems.instrumental), track, over_db)
    has_words = bool(song.voices[0].reference.lyrics.words) or any(phrase.text for phrase in melody.phrases)
    song.confidence.CopyFrom(measure_confidence(stem, melody, written is not None, has_words, rules))
    watch.stage(PITCH, 1.0)


def _track(
    vocals: "np.ndarray[tuple[int], np.dtype[np.float32]]", tools: PrepareTools, rules: ScoringRules, watch: Stopwatch
) -> PitchTrack:
    everything = np.ones(len(vocals), dtype=np.bool_)
    return track_pitch(
        vocals, everything, tools.estimator(), rules.hop_s, lambda done: watch.stage(PITCH, TRACKED * done)
    )


def _put_melody(song: song_pb2.Song, melody: Melody, track: PitchTrack) -> None:
    if not song.voices:
        song.voices.add(name="P1")
    reference = song.voices[0].reference
    reference.melody.CopyFrom(melody_message(melody))
    reference.contour.CopyFrom(contour_message(track))


def _add_range(song: song_pb2.Song, melody: Melody) -> None:
    span = span_of(melody)
    if span is not None:
        song.lowest_midi, song.highest_midi = span
        song.key = key_of(melody)


def _store(song: song_pb2.Song, stems: Stems, folder: Path, watch: Stopwatch) -> None:
    watch.stage(STORE, 0.0)
    gain, audio_name = stems.gain, BACKING_NAME
    write_flac(folder / audio_name, blocks_of(stems.instrumental), gain)
    song.audio_key, song.audio_type = audio_name, MEDIA_TYPE
    watch.stage(STORE, 0.4)
    if stems.vocals is not None:
        write_flac(folder / VOCALS_NAME, blocks_of(stems.vocals), gain)
        song.vocals_key = song.guide_key = VOCALS_NAME
        watch.stage(STORE, 0.7)
    watch.stage(STORE, 1.0)


def _stage_time(stage: int, wall_s: float) -> reference_pb2.StageTime:
    time = reference_pb2.StageTime(wall_s=wall_s)
    time.stage = stage  # type: ignore[assignment]  # an int that is one of the enum's
    return time
