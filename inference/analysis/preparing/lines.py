"""Found notes in the lines that the words are known to have."""

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise

from inference.domain.melody import Melody, Note, Phrase

EARLY_S = 0.3  # so long before a line its first note may begin


def timed_lines(melody: Melody) -> list[Phrase]:
    """The lines that say when they are sung, in order; empty where none or only some do."""
    lines = [phrase for phrase in melody.phrases if phrase.text]
    onsets_s = [line.onset_s for line in lines]
    rising = all(a < b for a, b in pairwise(onsets_s))
    return lines if len(lines) > 1 and rising else []


def in_lines(found: Melody, lines: list[Phrase]) -> Melody:
    """The notes of `found` in the given lines; a line without a note stays, notes before the first make their own."""
    starts_s = [line.onset_s - EARLY_S for line in lines]
    buckets: list[list[Note]] = [[] for _ in range(len(lines) + 1)]
    for note in (note for phrase in found.phrases for note in phrase.notes):
        buckets[bisect_right(starts_s, (note.onset_s + note.offset_s) / 2)].append(note)
    before = [Phrase(buckets[0][0].onset_s, buckets[0][-1].offset_s, tuple(buckets[0]), "")] if buckets[0] else []
    return Melody((*before, *(_filled(line, notes) for line, notes in zip(lines, buckets[1:], strict=True))))


def _filled(line: Phrase, notes: list[Note]) -> Phrase:
    if not notes:
        return replace(line, offset_s=max(line.onset_s, line.offset_s), notes=())
    return Phrase(min(line.onset_s, notes[0].onset_s), max(notes[-1].offset_s, line.onset_s), tuple(notes), line.text)
