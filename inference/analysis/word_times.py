"""Times for known words on a prepared voice: what the file says, Whisper where it can be believed, else syllables."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.references import written_song
from inference.audio.framing import Samples
from inference.audio.onset_flux import HOP_S, onset_flux
from inference.domain.contour import GRID_FIRST_S, SungContour, bridge, grid_frames, sung_contour
from inference.domain.line_places import LyricLine, place_lines
from inference.domain.lyrics_text import SPACELESS
from inference.domain.melody import Melody
from inference.domain.notes import FoundNote, found_notes
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats, PitchTrack
from inference.domain.word_times import (
    FILE,
    SYLLABLES,
    WHISPER,
    LineWindow,
    SyllableTimer,
    TimedWord,
    VoiceEvents,
    WordTimer,
)
from inference.errors import ModelMissingError, RequestError, SongError

MAX_LINES, MAX_WORDS, MAX_LINE_CHARACTERS = 1_000, 5_000, 1_000  # an hour of rap has fewer
METHODS = ("", "auto", WHISPER, SYLLABLES)
LANGUAGE = re.compile(r"([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?")
FILE_CERTAINTY = 0.95  # somebody timed it by ear
BRIDGED_S = 0.3  # of silence inside a voice: consonants and short rests
MIX_FLOOR = 0.5  # of activity, where the tracker may miss the voice under the instruments
AFTER_REST, STEP, RESTRUCK = 0.7, 0.55, 0.4  # how clearly a found note begins
LAST_NOTE_AHEAD_S = 2.0


@dataclass(frozen=True, slots=True)
class PreparedVoice:
    """What there is to listen to; `samples` None: the song's notes or contour alone."""

    song: song_pb2.Song
    samples: Samples | None  # 16 kHz
    is_solo: bool  # a separated or solo voice, and no mix


SpeechTimer = Callable[[Samples], WordTimer]  # of one sound; raises ModelMissingError


def align_words(
    request: reference_pb2.AlignWordsRequest, voice: PreparedVoice, speech: SpeechTimer | None, no_speech: str
) -> Iterator[reference_pb2.AlignWordsEvent]:
    """Fractions, then the reply. `no_speech` tells why there is no `speech`. Raises RequestError and SongError."""
    check_request(request)
    texts = [_line_words(line) for line in request.lines]
    if not any(texts):
        raise RequestError("there are no words to time")
    duration_s = request.song.duration_s or voice.song.duration_s
    events = voice_events(voice, ScoringRules())
    language = (request.language or request.song.language).lower()
    lines = [_lyric_line(line, words) for line, words in zip(request.lines, texts, strict=True)]
    places = place_lines(lines, events, duration_s, language)
    timer, reason = _speech_timer(request.method, voice, speech, no_speech)
    embedded = SyllableTimer(events)
    timed: list[TimedWord] = []
    for number, window in enumerate(places.windows):
        yield reference_pb2.AlignWordsEvent(fraction=number / len(places.windows))
        timed += _timed_line(request.lines[window.line], window, timer, embedded, language, duration_s)
    reply = _reply(timed, language, timer, reason, places.dropped)
    if timer is not None and timer.knows(language):
        reply.listened_lines, reply.followed_lines = _followed(timed, lines)
    yield reference_pb2.AlignWordsEvent(reply=reply)


def check_request(request: reference_pb2.AlignWordsRequest) -> None:
    """Raises RequestError."""
    if request.method not in METHODS:
        raise RequestError("method must be auto, whisper or syllables")
    if not LANGUAGE.fullmatch(request.language):
        raise RequestError("language must be a code of ISO 639")
    if len(request.lines) > MAX_LINES:
        raise RequestError(f"the lyrics have more than {MAX_LINES} lines")
    if any(len(line.text) > MAX_LINE_CHARACTERS for line in request.lines):
        raise RequestError(f"a line of the lyrics has more than {MAX_LINE_CHARACTERS} characters")
    if sum(max(len(line.text.split()), len(line.words)) for line in request.lines) > MAX_WORDS:
        raise RequestError(f"the lyrics have more than {MAX_WORDS} words")
    if not 0 <= request.song.duration_s < math.inf:
        raise RequestError("the song has an impossible length")


def _line_words(line: reference_pb2.TimedLine) -> tuple[str, ...]:
    """What stands between spaces and is sung; one character each where a script writes no spaces."""
    if line.words:
        return tuple(word.text for word in line.words)
    spaced = SPACELESS.sub(lambda found: f" {found[0]} ", line.text)
    return tuple(word for word in spaced.split() if any(character.isalnum() for character in word))


def _lyric_line(line: reference_pb2.TimedLine, words: tuple[str, ...]) -> LyricLine:
    onset_s = line.onset_s if line.HasField("onset_s") else None
    offset_s = line.offset_s if line.HasField("offset_s") else None
    if onset_s is None and line.words:
        onset_s, offset_s = line.words[0].onset_s, line.words[-1].offset_s
    return LyricLine(words, onset_s, offset_s)


def _speech_timer(
    method: str, voice: PreparedVoice, speech: SpeechTimer | None, no_speech: str
) -> tuple[WordTimer | None, str]:
    """The timer by speech, or why there is none."""
    if method == SYLLABLES:
        return None, ""
    if speech is None:
        return None, no_speech
    if voice.samples is None:
        return None, "there is no sound of the voice to listen to"
    try:
        return speech(voice.samples), ""
    except ModelMissingError as error:
        return None, str(error)


def _timed_line(
    line: reference_pb2.TimedLine,
    window: LineWindow,
    speech: WordTimer | None,
    embedded: SyllableTimer,
    language: str,
    duration_s: float,
) -> tuple[TimedWord, ...]:
    given = _file_words(line, window.line, duration_s)
    if given is not None:
        return given
    heard = speech.time_line(window, language) if speech is not None else None
    return heard if heard is not None else embedded.time_line(window, language)


def _file_words(line: reference_pb2.TimedLine, number: int, duration_s: float) -> tuple[TimedWord, ...] | None:
    """As the file times them; None where it does not, or where its times cannot be."""
    if not line.words:
        return None
    times = [time_s for word in line.words for time_s in (word.onset_s, max(word.onset_s, word.offset_s))]
    possible = all(math.isfinite(time_s) and time_s >= 0 for time_s in times)
    onsets = [word.onset_s for word in line.words]
    if not possible or onsets != sorted(onsets) or (duration_s and onsets[-1] >= duration_s):
        return None
    ends = [*onsets[1:], max(line.words[-1].offset_s, onsets[-1])]
    return tuple(
        TimedWord(word.text, word.onset_s, min(word.offset_s, end) if word.offset_s > word.onset_s else end,
                  number, FILE, FILE_CERTAINTY)
        for word, end in zip(line.words, ends, strict=True)
    )  # fmt: skip


def _reply(
    timed: list[TimedWord], language: str, speech: WordTimer | None, reason: str, dropped: int
) -> reference_pb2.AlignWordsReply:
    """Its words in rising order, whatever each line was timed by."""
    words = _in_order(timed)
    counts = Counter(word.timed_by for word in words)
    method = next(name for name in (WHISPER, FILE, SYLLABLES) if counts[name])
    lines = {word.line for word in words}
    unheard = {word.line for word in words if word.timed_by == SYLLABLES}
    reasons = [reason] if reason else []
    if speech is not None and unheard:
        reasons.append(f"speech could not be followed in {len(unheard)} of {len(lines)} lines")
    if dropped:
        reasons.append(f"{dropped} lines had times that cannot be")
    messages = [
        song_pb2.Word(
            text=word.text, onset_s=word.onset_s, offset_s=word.offset_s, phrase=word.line,
            timed_by=word.timed_by, certainty=word.certainty,
        )
        for word in words
    ]  # fmt: skip
    lyrics = song_pb2.Lyrics(language=language.partition("-")[0][:2], words=messages)
    return reference_pb2.AlignWordsReply(lyrics=lyrics, method=method, reason="; ".join(reasons))


def _followed(timed: list[TimedWord], lines: list[LyricLine]) -> tuple[int, int]:
    """Lines whose words were listened for where they are known to be sung, and those of them that were heard."""
    methods = {word.line: word.timed_by for word in timed if lines[word.line].onset_s is not None}
    counts = Counter(methods.values())
    return counts[WHISPER] + counts[SYLLABLES], counts[WHISPER]


def _in_order(timed: list[TimedWord]) -> list[TimedWord]:
    """No word begins before the one before it, nor lasts into the next."""
    out: list[TimedWord] = []
    onset_s = 0.0
    for word in timed:
        onset_s = max(onset_s, word.onset_s)
        out.append(_at(word, onset_s, max(word.offset_s, onset_s)))
    ends = [*(word.onset_s for word in out[1:]), math.inf]
    return [
        _at(word, word.onset_s, max(word.onset_s, min(word.offset_s, end))) for word, end in zip(out, ends, strict=True)
    ]


def _at(word: TimedWord, onset_s: float, offset_s: float) -> TimedWord:
    return TimedWord(word.text, onset_s, offset_s, word.line, word.timed_by, word.certainty)


def voice_events(voice: PreparedVoice, rules: ScoringRules) -> VoiceEvents | None:
    """From the measured contour and the sound of the voice, or from written notes; None where there is neither."""
    if not voice.song.voices:
        return None
    written = written_song(voice.song)
    if written.contour is not None:
        return _heard_events(written.contour, voice, rules)
    notes = [note for phrase in written.melody.phrases for note in phrase.notes]
    return _written_events(written.melody) if notes else None


def _heard_events(track: PitchTrack, voice: PreparedVoice, rules: ScoringRules) -> VoiceEvents:
    frames = grid_frames(float(track.times_s[-1]), rules)
    before = -round(GRID_FIRST_S / rules.hop_s)
    contour = sung_contour(track, track.times_s, frames, rules)
    sounding = ~np.isnan(bridge(contour.raw_midi, np.ones(frames, np.bool_), round(BRIDGED_S / rules.hop_s)))
    activity = np.where(sounding, 1.0, 0.0 if voice.is_solo else MIX_FLOOR)[before:]
    onsets = np.zeros(frames)
    for note in found_notes(contour, rules):
        onsets[note.start] = max(onsets[note.start], _clarity(note, contour))
    return VoiceEvents(
        rules.hop_s, activity, np.maximum(onsets[before:], _flux(voice, len(activity), rules)), voice.is_solo
    )


def _clarity(note: FoundNote, contour: SungContour) -> float:
    if np.isnan(contour.raw_midi[max(0, note.start - 3) : note.start]).any():
        return AFTER_REST
    return RESTRUCK if note.restruck else STEP


def _flux(voice: PreparedVoice, frames: int, rules: ScoringRules) -> Floats:
    """Of the voice's sound on the contour's grid."""
    out = np.zeros(frames)
    if voice.samples is None:
        return out
    flux = onset_flux(voice.samples)
    places = np.round(np.arange(len(flux)) * HOP_S / rules.hop_s).astype(np.int64)
    inside = places < frames
    np.maximum.at(out, places[inside], flux[inside])
    return out


def _written_events(melody: Melody) -> VoiceEvents:
    notes = [note for phrase in melody.phrases for note in phrase.notes]
    frames = round((max(note.offset_s for note in notes) + LAST_NOTE_AHEAD_S) / HOP_S)
    activity, onsets = np.zeros(frames), np.zeros(frames)
    for note in notes:
        start, end = max(0, round(note.onset_s / HOP_S)), round(note.offset_s / HOP_S)
        activity[start:end] = 1.0
        onsets[min(start, frames - 1)] = 1.0
    return VoiceEvents(HOP_S, activity, onsets, True)


__all__ = ["PreparedVoice", "SongError", "align_words", "check_request", "voice_events"]
