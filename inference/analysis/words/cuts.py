"""Where in a take's sound each line is heard: the same samples while it is sung and afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inference.analysis.sung import Samples, Sung
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.domain.melody import Phrase
from inference.domain.track import PitchTrack

LINE_PAD_S = 0.4  # singers are early and late
STEP = SAMPLE_RATE_HZ // 50  # the grid on which lines are cut
LEAST_VOICED_S = 0.3  # of a line: on less a recogniser invents words
LEAST_MEASURED = 0.5  # of a line: of less nothing is said


@dataclass(frozen=True, slots=True)
class Cut:
    phrase: int
    first: int  # sample of the take
    stop: int


def line_cuts(sung: Sung, phrases: tuple[Phrase, ...]) -> Iterator[Cut]:
    """In the order of the lines; those that never played are left out."""
    positions = np.arange(0, len(sung.samples), STEP, dtype=np.int64)
    song_s = sung.song_seconds(positions)
    for number, phrase in enumerate(phrases):
        inside = positions[(song_s >= phrase.onset_s - LINE_PAD_S) & (song_s < phrase.offset_s + LINE_PAD_S)]
        if len(inside):
            yield Cut(number, int(inside[0]), int(inside[-1]))


def cut_samples(sung: Sung, cut: Cut) -> Samples:
    return sung.samples[cut.first : cut.stop]


def voiced_s(track: PitchTrack, cut: Cut) -> float:
    """Seconds of the cut in which the pitch is that of a voice, and loud enough to be the singer's."""
    start, end = (round((edge / SAMPLE_RATE_HZ - track.first_s) / track.hop_s) for edge in (cut.first, cut.stop))
    return float((track.f0_hz[max(0, start) : max(0, end)] > 0).sum()) * track.hop_s
