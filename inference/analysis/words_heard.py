"""The third stage of the judging: which words of the song were heard."""

from typing import Protocol

import numpy as np
from voicejury.v1 import analysis_pb2

from inference.analysis.sung import SAMPLE_RATE_HZ, OnProgress, Samples, Sung, no_progress
from inference.domain.take_score import Heard, Written
from inference.domain.track import PitchTrack
from inference.errors import ModelMissingError

WORDS_SPAN = (0.75, 0.92)  # of the whole judging
LEAST_VOICED_S = 0.3  # of a line: on less a recogniser invents words


class WordRecogniser(Protocol):
    """Hears words in singing; never told what to hear."""

    def hear(self, samples: Samples, language: str, spans_s: list[tuple[float, float]]) -> str:
        """The words in the given spans of the take, in order; `spans_s` are seconds of the samples."""
        ...


def hear_words(
    voice: Sung,
    written: Written,
    track: PitchTrack,
    recogniser: WordRecogniser | None,
    no_recogniser: str,
    on_progress: OnProgress = no_progress,
    transcript: str | None = None,
) -> Heard:
    """`no_recogniser` says why there is none; `transcript` stands in for what one would hear."""
    if transcript is None and recogniser is None:
        return Heard("", no_recogniser)
    if not written.lyrics.words:
        return Heard("", "the song has no lyrics")
    on_progress(analysis_pb2.JUDGE_STAGE_WORDS, WORDS_SPAN[0])
    spans = [span for span in line_spans(voice, written) if voiced_s(track, span) >= LEAST_VOICED_S]
    if transcript is not None or recogniser is None:
        return Heard(transcript or "" if spans else "", "")  # without a voice no words are sung, whoever wrote them
    try:
        return Heard(recogniser.hear(voice.samples, written.lyrics.language, spans), "")
    except ModelMissingError as error:
        return Heard("", str(error))


def voiced_s(track: PitchTrack, span_s: tuple[float, float]) -> float:
    start, end = (round((edge_s - track.first_s) / track.hop_s) for edge_s in span_s)
    return float((track.f0_hz[max(0, start) : max(0, end)] > 0).sum()) * track.hop_s


def line_spans(sung: Sung, written: Written) -> list[tuple[float, float]]:
    """Where in the take each line is expected, in seconds of its samples; lines that never played are left out."""
    hop = SAMPLE_RATE_HZ // 50
    positions = np.arange(0, len(sung.samples), hop, dtype=np.int64)
    song_s = sung.song_seconds(positions)
    spans = []
    for phrase in written.melody.phrases:
        inside = positions[(song_s >= phrase.onset_s) & (song_s < phrase.offset_s)]
        if len(inside):
            spans.append((float(inside[0]) / SAMPLE_RATE_HZ, float(inside[-1]) / SAMPLE_RATE_HZ))
    return sorted(spans)
