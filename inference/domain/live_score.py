"""The score while the song is sung: constant time per frame, late data welcome, gaps free."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum

import numpy as np

from inference.domain.cent_bins import BIN_CENTS, BINS, bin_of, credit_by_bin
from inference.domain.cents import credit_of, f_measure, fold_cents, midi_of, without_chance
from inference.domain.chance import other_tunes
from inference.domain.live_sums import NoteSums, RunningSums
from inference.domain.melody import Melody, Note, NoteKind
from inference.domain.rules import ScoringRules

SCORED = (NoteKind.NORMAL, NoteKind.GOLDEN)
MEASURED_SHARE = 0.5  # a note of which less was received is not judged
MAX_UNSETTLED = 30_000  # five minutes of frames: who has no key by then keeps the written one


class Hit(Enum):
    NONE = "none"  # not on a scored note, unvoiced, or not measured
    HIT = "hit"
    NEAR = "near"
    MISS = "miss"


class Rating(Enum):
    NOT_MEASURED = "not measured"
    MISSED = "missed"
    SHAKY = "shaky"
    GOOD = "good"
    GREAT = "great"
    PERFECT = "perfect"


RATING_FROM = ((90.0, Rating.PERFECT), (75.0, Rating.GREAT), (50.0, Rating.GOOD), (20.0, Rating.SHAKY))


@dataclass(frozen=True, slots=True)
class FrameJudgement:
    hit: Hit
    cents_off: float  # octave-folded, positive when sharp; 0 when not on a note


@dataclass(frozen=True, slots=True)
class NoteDone:
    phrase: int
    note: int  # index inside the phrase
    credit: float  # 0..1
    cents_off: float  # median; 0 when nothing was sung
    measured: bool


@dataclass(frozen=True, slots=True)
class LineDone:
    phrase: int
    score: float  # 0..100
    rating: Rating
    measured: float  # 0..1


@dataclass(frozen=True, slots=True)
class RunningScore:
    pitch: float  # 0..100, over the notes that are over
    measured: float  # 0..1


@dataclass(frozen=True, slots=True)
class _Slot:
    """One scored note and where it stands."""

    phrase: int
    index: int
    note: Note

    @property
    def length_s(self) -> float:
        return self.note.offset_s - self.note.onset_s

    @property
    def weight(self) -> float:
        return 2.0 if self.note.kind is NoteKind.GOLDEN else 1.0


class LiveScorer:
    """Judges frames of one take as they come, in any order."""

    def __init__(self, melody: Melody, rules: ScoringRules) -> None:
        self._rules = rules
        self._phrases = melody.phrases
        self._slots = sorted(
            (
                _Slot(phrase, index, note)
                for phrase, line in enumerate(melody.phrases)
                for index, note in enumerate(line.notes)
                if note.kind in SCORED and note.offset_s > note.onset_s
            ),
            key=lambda slot: slot.note.onset_s,
        )
        self._onsets = [slot.note.onset_s for slot in self._slots]
        self._line_slots: list[list[int]] = [[] for _ in melody.phrases]
        for number, slot in enumerate(self._slots):
            self._line_slots[slot.phrase].append(number)
        self._sung = np.zeros((len(self._slots), BINS))  # seconds by cents above the written note
        self._measured_s = np.zeros(len(self._slots))
        self._voiced_s = np.zeros(len(self._slots))
        self._extra_s = 0.0
        self._shift_cents = 0.0
        self._key_certain = not rules.key_free
        self._unsettled: list[tuple[float, float, float]] = []  # (song_s, midi, hop_s) while the key is open
        self._next_note = 0
        self._next_line = 0
        self._by_end = sorted(range(len(self._slots)), key=lambda n: self._slots[n].note.offset_s)
        self._over = 0  # so many of them are over
        self._sums = RunningSums(len(self._slots))
        self._free_notes = sorted(
            (note.onset_s, note.offset_s) for line in melody.phrases for note in line.notes if note.kind not in SCORED
        )
        self._chance = _chance(self._slots, rules)

    @property
    def key_shift_semitones(self) -> float:
        return self._shift_cents / 100.0

    def judge_frame(self, song_s: float, f0_hz: float, measured: bool, hop_s: float) -> FrameJudgement:
        """Counts one frame for the note it belongs to; f0_hz is 0 where unvoiced."""
        if not measured:
            return FrameJudgement(Hit.NONE, 0.0)
        written = self._note_at(song_s)
        if written is not None:
            self._measured_s[written] += hop_s
            self._sums.touch(written)
        if f0_hz <= 0:
            return FrameJudgement(Hit.NONE, 0.0)
        if written is not None:
            self._voiced_s[written] += hop_s
        midi = midi_of(f0_hz)
        if not self._key_certain:
            self._unsettled.append((song_s, midi, hop_s))
        return self._judge_voiced(song_s, midi, hop_s, written)

    def finished(self, song_s: float) -> list[NoteDone | LineDone]:
        """What is over at song_s and was not told yet, in order, a line after its notes."""
        while self._over < len(self._by_end) and self._slots[self._by_end[self._over]].note.offset_s <= song_s:
            self._count(self._by_end[self._over])
            self._over += 1
        self._consider_key()
        grace = self._rules.live_edge_s + self._rules.live_grace_s
        done: list[NoteDone | LineDone] = []
        while self._next_note < len(self._slots) and self._slots[self._next_note].note.offset_s + grace <= song_s:
            done.append(self._note_done(self._next_note))
            self._next_note += 1
        while self._next_line < len(self._phrases) and self._phrases[self._next_line].offset_s + grace <= song_s:
            done.append(self._line_done(self._next_line))
            self._next_line += 1
        return done

    def score(self) -> RunningScore:
        """Over the notes that were over at the latest call of `finished`; as quick on a long song as on a short one."""
        for number in tuple(self._sums.changed):
            self._count(number)
        whole = self._sums.whole()
        if whole.length <= 0:
            return RunningScore(0.0, 1.0)
        return RunningScore(self._points(whole, self._extra_s), min(1.0, whole.received / whole.length))

    def _count(self, number: int) -> None:
        self._sums.count(number, self._sums_of([number]))

    def _judge_voiced(self, song_s: float, midi: float, hop_s: float, written: int | None) -> FrameJudgement:
        near = self._notes_near(song_s)
        if not near:
            if not self._is_free(song_s):
                self._extra_s += hop_s
            return FrameJudgement(Hit.NONE, 0.0)
        offs = {n: fold_cents((midi - self._slots[n].note.midi) * 100.0 - self._shift_cents) for n in near}
        best = min(near, key=lambda n: (abs(offs[n]), n != written))
        self._sung[best, bin_of(offs[best] + self._shift_cents)] += hop_s
        self._sums.touch(best)
        if written is None and abs(offs[best]) > self._rules.no_credit_cents:
            return FrameJudgement(Hit.NONE, 0.0)  # a glide beside a note is no miss
        return FrameJudgement(self._hit(abs(offs[best])), offs[best])

    def _hit(self, cents: float) -> Hit:
        if cents <= self._rules.hit_cents:
            return Hit.HIT
        return Hit.NEAR if cents <= self._rules.no_credit_cents else Hit.MISS

    def _note_at(self, song_s: float) -> int | None:
        number = bisect_right(self._onsets, song_s) - 1
        return number if number >= 0 and song_s < self._slots[number].note.offset_s else None

    def _notes_near(self, song_s: float) -> list[int]:
        """The notes whose window, widened by the edge, holds song_s: three at most."""
        edge = self._rules.live_edge_s
        last = bisect_right(self._onsets, song_s + edge)
        return [n for n in range(max(0, last - 3), last) if song_s < self._slots[n].note.offset_s + edge]

    def _is_free(self, song_s: float) -> bool:
        """Inside a freestyle or rap note, where any sound is welcome."""
        number = bisect_left(self._free_notes, (song_s, song_s)) - 1
        return number >= 0 and song_s < self._free_notes[number][1]

    def _due_s(self, number: int) -> float:
        """Seconds of credit that make a full note: what was received, less a consonant."""
        gap = min(self._rules.live_free_gap_s, self._rules.live_free_gap * self._slots[number].length_s)
        received = float(self._measured_s[number])
        return max(received - gap, 0.5 * received)

    def _credit_s(self, number: int) -> float:
        """At most what is due: sound beside the note fills holes, it earns nothing more."""
        earned = float(self._sung[number] @ credit_by_bin(self._shift_cents, self._rules))
        return min(earned, self._due_s(number))

    def _sums_of(self, numbers: list[int]) -> NoteSums:
        weights = np.array([self._slots[n].weight for n in numbers])
        due = np.array([self._due_s(n) for n in numbers])
        credit = np.array([self._credit_s(n) for n in numbers])
        sung = np.minimum(np.maximum(self._voiced_s[numbers], credit), due)
        length_s = sum(self._slots[n].length_s for n in numbers)
        received_s = float(self._measured_s[numbers].sum())
        return NoteSums(float(weights @ due), float(weights @ credit), float(weights @ sung), received_s, length_s)

    def _points(self, sums: NoteSums, extra_s: float) -> float:
        if sums.written <= 0:
            return 0.0
        extra = max(0.0, extra_s - self._rules.free_extra * sums.written)
        return without_chance(f_measure(sums.credit, sums.written, sums.sung + extra), self._chance)

    def _note_done(self, number: int) -> NoteDone:
        slot = self._slots[number]
        measured = bool(self._measured_s[number] >= MEASURED_SHARE * slot.length_s)
        due = self._due_s(number)
        credit = self._credit_s(number) / due if measured and due > 0 else 0.0
        return NoteDone(slot.phrase, slot.index, credit, self._median_cents(number), measured)

    def _median_cents(self, number: int) -> float:
        """Median of what was sung for the note, after the key."""
        sung = np.roll(self._sung[number], BINS // 2 - round(self._shift_cents / BIN_CENTS))
        total = float(sung.sum())
        if total <= 0:
            return 0.0
        middle = int(np.searchsorted(np.cumsum(sung), total / 2.0))
        return (middle - BINS // 2) * BIN_CENTS

    def _line_done(self, phrase: int) -> LineDone:
        sums = self._sums_of(self._line_slots[phrase])
        measured = min(1.0, sums.received / sums.length) if sums.length > 0 else 0.0
        if measured < MEASURED_SHARE:
            return LineDone(phrase, 0.0, Rating.NOT_MEASURED, measured)
        score = self._points(sums, 0.0)
        rating = next((rating for least, rating in RATING_FROM if score >= least), Rating.MISSED)
        return LineDone(phrase, score, rating, measured)

    def _consider_key(self) -> None:
        """Takes a transposition over, once, when the first lines leave no doubt."""
        rules = self._rules
        if self._key_certain or self._next_line < rules.live_key_after_lines:
            return
        sung = self._sung.sum(axis=0)
        voiced_s = float(sung.sum())
        if voiced_s < rules.live_key_voiced_s:
            return
        earned = [float(sung @ credit_by_bin(100.0 * key, rules)) / voiced_s for key in range(12)]
        best = int(np.argmax(earned))
        if earned[best] >= rules.live_key_certain and earned[best] - earned[0] >= rules.live_key_margin:
            self._settle_key(fold_cents(100.0 * best))
        elif earned[0] >= rules.live_key_certain or len(self._unsettled) > MAX_UNSETTLED:
            self._settle_key(0.0)

    def _settle_key(self, shift_cents: float) -> None:
        """Judges what was sung so far again, in its key."""
        unsettled, self._unsettled = self._unsettled, []
        self._key_certain = True
        if shift_cents == 0.0:
            return
        self._shift_cents = shift_cents
        self._sung[:] = 0.0
        self._extra_s = 0.0
        for song_s, midi, hop_s in unsettled:
            self._judge_voiced(song_s, midi, hop_s, self._note_at(song_s))
        self._sums.touch_all()


def _chance(slots: list[_Slot], rules: ScoringRules) -> float:
    """Mean credit of other tunes on this rhythm, each in its best key."""
    if not slots:
        return 0.0
    weights = np.array([slot.weight * slot.length_s for slot in slots])
    written = np.array([slot.note.midi for slot in slots])
    keys = 100.0 * np.arange(12 if rules.key_free else 1)
    credits = []
    for tune in other_tunes(len(slots), rules.chance_melodies):
        cents = 100.0 * (tune - written)[None, :] - keys[:, None]
        credit = credit_of(np.mod(cents + 600.0, 1200.0) - 600.0, rules) @ weights / weights.sum()
        credits.append(float(credit.max()))
    return min(0.5, float(np.mean(credits)))
