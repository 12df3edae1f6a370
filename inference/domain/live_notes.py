"""The notes of a song as the live judge keeps them: what was sung for each, as seconds in bins of cents."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from inference.domain.cent_bins import BIN_CENTS, BINS, bin_of, credit_by_bin
from inference.domain.cents import fold_cents
from inference.domain.live_sums import NoteSums
from inference.domain.melody import Melody, Note, NoteKind
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

SCORED = (NoteKind.NORMAL, NoteKind.GOLDEN)


@dataclass(frozen=True, slots=True)
class LiveSlot:
    """One scored note and where it stands."""

    phrase: int
    index: int
    note: Note

    @property
    def length_s(self) -> float:
        return self.note.offset_s - self.note.onset_s

    def weight(self, rules: ScoringRules) -> float:
        return rules.golden_weight if self.note.kind is NoteKind.GOLDEN else 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pitch counts."""

    note: int
    cents: float  # off the note, octaves folded, after the key
    bin: int  # of cents above the note, before the key


class LiveNotes:
    """Looks at a handful of notes for each frame, however long the song is."""

    def __init__(self, melody: Melody, rules: ScoringRules) -> None:
        self._rules = rules
        self.slots = sorted(
            (
                LiveSlot(phrase, index, note)
                for phrase, line in enumerate(melody.phrases)
                for index, note in enumerate(line.notes)
                if note.kind in SCORED and note.offset_s > note.onset_s
            ),
            key=lambda slot: slot.note.onset_s,
        )
        self._onsets = [slot.note.onset_s for slot in self.slots]
        self._free = sorted(
            (note.onset_s, note.offset_s) for line in melody.phrases for note in line.notes if note.kind not in SCORED
        )
        self.sung = np.zeros((len(self.slots), BINS))  # seconds by cents above the written note
        self.measured_s = np.zeros(len(self.slots))
        self.voiced_s = np.zeros(len(self.slots))
        self._promised_s = np.zeros(len(self.slots))  # credit that was told: it is not taken back
        self._in_key(0.0)

    def _in_key(self, shift_cents: float) -> None:
        self.shift_cents = shift_cents
        self._credit = credit_by_bin(shift_cents, self._rules)
        self._best_first = np.argsort(-self._credit, kind="stable")

    def take_key(self, shift_cents: float) -> None:
        """Everything is judged that much higher from now on."""
        self._in_key(shift_cents)

    def at(self, song_s: float) -> int | None:
        """The note that is written there."""
        number = bisect_right(self._onsets, song_s) - 1
        return number if number >= 0 and song_s < self.slots[number].note.offset_s else None

    def near(self, song_s: float) -> list[int]:
        """The notes whose window, widened by the edge, holds song_s: three at most."""
        edge = self._rules.live_edge_s
        last = bisect_right(self._onsets, song_s + edge)
        return [n for n in range(max(0, last - 3), last) if song_s < self.slots[n].note.offset_s + edge]

    def is_free(self, song_s: float) -> bool:
        """Inside a freestyle or rap note, where any sound is welcome."""
        number = bisect_left(self._free, (song_s, song_s)) - 1
        return number >= 0 and song_s < self._free[number][1]

    def place(self, song_s: float, midi: float) -> Place | None:
        """The note that a pitch fits best; None in a rest."""
        near = self.near(song_s)
        if not near:
            return None
        written = self.at(song_s)
        offs = {n: fold_cents((midi - self.slots[n].note.midi) * 100.0 - self.shift_cents) for n in near}
        best = min(near, key=lambda n: (abs(offs[n]), n != written))
        return Place(best, offs[best], bin_of(offs[best] + self.shift_cents))

    def due_s(self, number: int) -> float:
        """Seconds of credit that make a full note: what was received, less a consonant or a glide."""
        rules = self._rules
        gap = min(rules.live_free_gap_s, rules.live_free_gap * self.slots[number].length_s)
        received = float(self.measured_s[number])
        return max(received - gap, rules.live_least_due * received)

    def credit_s(self, number: int) -> float:
        """Of the best sound for it, as much as is due: what lies beside the note fills holes and earns nothing more."""
        due_s = self.due_s(number)
        seconds = self.sung[number, self._best_first]
        before = np.cumsum(seconds) - seconds
        counted = np.clip(due_s - before, 0.0, seconds)
        earned = float(counted @ self._credit[self._best_first])
        return min(due_s, max(earned, float(self._promised_s[number])))

    def promise(self, number: int) -> None:
        """The note's credit is told: another key or late data only add to it."""
        self._promised_s[number] = self.credit_s(number)

    def sums(self, numbers: list[int]) -> NoteSums:
        weights = np.array([self.slots[n].weight(self._rules) for n in numbers])
        due = np.array([self.due_s(n) for n in numbers])
        credit = np.array([self.credit_s(n) for n in numbers])
        sung = np.minimum(np.maximum(self.voiced_s[numbers], credit), due)
        length_s = sum(self.slots[n].length_s for n in numbers)
        received_s = float(self.measured_s[numbers].sum())
        return NoteSums(float(weights @ due), float(weights @ credit), float(weights @ sung), received_s, length_s)

    def median_cents(self, number: int) -> float:
        """Of what was sung for the note, after the key; 0 when nothing was."""
        sung: Floats = np.roll(self.sung[number], BINS // 2 - round(self.shift_cents / BIN_CENTS))
        total = float(sung.sum())
        if total <= 0:
            return 0.0
        middle = int(np.searchsorted(np.cumsum(sung), total / 2.0))
        return (middle - BINS // 2) * BIN_CENTS
