"""The third stage of the judging: which words of the song were heard, line by line.

What was heard while the song was sung is not heard again: the same recogniser is asked for the same samples.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from voicejury.v1 import analysis_pb2, song_pb2

from inference.analysis.sung import OnProgress, Sung, no_progress
from inference.analysis.words.cuts import LEAST_VOICED_S, Cut, cut_samples, line_cuts, voiced_s
from inference.analysis.words.languages import UNKNOWN, song_language
from inference.analysis.words.original import Originals
from inference.analysis.words.recogniser import Line, Recogniser
from inference.analysis.words.tiers import UnheardError
from inference.domain.line_words import LineHeard, Place, hear_line, late_words, transcript
from inference.domain.melody import Lyrics
from inference.domain.take_score import Heard, Written
from inference.domain.track import PitchTrack

WORDS_SPAN = (0.75, 0.92)  # of the whole judging
BUDGET_S = 60.0  # for one line, where nobody waits on stage; a tier on a network has its own, shorter one


@dataclass(frozen=True, slots=True)
class WordTools:
    """Who hears words, and what it heard of the original singers."""

    recogniser: Recogniser
    originals: Originals | None = None  # None: nobody's words are measured by the original voice


def hear_words(
    voice: Sung,
    song: song_pb2.Song,
    written: Written,
    track: PitchTrack,
    tools: WordTools | None,
    no_words: str,
    on_progress: OnProgress = no_progress,
    told: str | None = None,
) -> Heard:
    """`no_words` says why there are no tools; `told` stands in for what they would hear."""
    if told is None and tools is None:
        return Heard("", no_words)
    if not written.lyrics.words:
        return Heard("", "the song has no lyrics")
    on_progress(analysis_pb2.JUDGE_STAGE_WORDS, WORDS_SPAN[0])
    cuts = [cut for cut in line_cuts(voice, written.melody.phrases) if voiced_s(track, cut) >= LEAST_VOICED_S]
    if told is not None or tools is None:
        return Heard(told or "" if cuts else "", "")  # without a voice no words are sung, whoever wrote them
    language = song_language(written.lyrics)
    if not language:
        return Heard("", UNKNOWN)
    try:
        lines = _lines(voice, cuts, language, tools.recogniser, on_progress)
        reference = tools.originals.heard(song, written, language, tools.recogniser) if tools.originals else None
    except UnheardError as error:
        return Heard("", f"the words were not heard: {error}")
    return heard_of(written.lyrics, cuts, lines, reference)


def heard_of(lyrics: Lyrics, cuts: list[Cut], lines: list[Line], reference: str | None) -> Heard:
    """The lines as one text, each word once, and what is known of single words and lines."""
    found = [hear_line(lyrics, cut.phrase, line.text, False) for cut, line in zip(cuts, lines, strict=True)]
    certainties = {cut.phrase: line.certainty for cut, line in zip(cuts, lines, strict=True)}
    return Heard(transcript(found), "", reference, _late(found), certainties)


def _late(lines: list[LineHeard]) -> frozenset[Place]:
    by_phrase = {line.phrase: line for line in lines}
    return frozenset(
        Place(line.phrase, word)
        for line in lines
        if line.phrase + 1 in by_phrase
        for word in late_words(line, by_phrase[line.phrase + 1])
    )


def _lines(voice: Sung, cuts: list[Cut], language: str, recogniser: Recogniser, on_progress: OnProgress) -> list[Line]:
    """Raises UnheardError."""
    start, end = WORDS_SPAN
    lines: list[Line] = []
    with ThreadPoolExecutor(recogniser.at_once, thread_name_prefix="words") as workers:
        for line in workers.map(lambda cut: recogniser.hear(cut_samples(voice, cut), language, BUDGET_S), cuts):
            lines.append(line)
            on_progress(analysis_pb2.JUDGE_STAGE_WORDS, start + (end - start) * len(lines) / len(cuts))
    return lines
