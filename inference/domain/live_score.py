"""The score while the song is sung: constant time per frame, late data welcome, gaps free.

A frame counts at once by its own pitch, and a moment later by the centre of the vibrato round it where that is nearer:
so the verdict counts it, and a hit that was shown stays one.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np

from inference.domain.cents import credit_of, f_measure, midi_of, without_chance
from inference.domain.chance import other_tunes
from inference.domain.live_frames import PlacedFrame, RecentFrames, SeenFrames
from inference.domain.live_key import LiveKey
from inference.domain.live_notes import LiveNotes, LiveSlot, Place
from inference.domain.live_sums import NoteSums, RunningSums
from inference.domain.melody import Melody
from inference.domain.rules import ScoringRules

MAX_UNSETTLED = 30_000  # five minutes of frames: who has no key by then keeps the written one
AGAIN_PER_FRAME = 32  # frames that are judged again in a new key while one frame comes


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


NOT_A_HIT = FrameJudgement(Hit.NONE, 0.0)


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


class LiveScorer:
    """Judges frames of one take as they come, in any order; a frame that comes twice counts once."""

    def __init__(self, melody: Melody, rules: ScoringRules) -> None:
        self._rules = rules
        self._phrases = melody.phrases
        self._end_s = max((phrase.offset_s for phrase in melody.phrases), default=0.0)
        self._notes = LiveNotes(melody, rules)
        self._slots = self._notes.slots
        self._line_slots: list[list[int]] = [[] for _ in melody.phrases]
        for number, slot in enumerate(self._slots):
            self._line_slots[slot.phrase].append(number)
        self._seen = SeenFrames(self._end_s)
        self._recent = RecentFrames(rules)
        self._key = LiveKey(rules)
        self._unsettled: deque[PlacedFrame] = deque()  # frames that are to be judged again in the key that is found
        self._again = False  # whether it was found and they are being judged again
        self._now_s = -np.inf  # the latest song second that was seen
        self._extra_s = 0.0
        self._next_note = 0
        self._next_line = 0
        self._by_end = sorted(range(len(self._slots)), key=lambda n: self._slots[n].note.offset_s)
        self._over = 0  # so many of them are over
        self._sums = RunningSums(len(self._slots))
        self._chance = _chance(self._slots, rules)

    @property
    def key_shift_semitones(self) -> float:
        return self._notes.shift_cents / 100.0

    def judge_frame(self, song_s: float, f0_hz: float, measured: bool, hop_s: float) -> FrameJudgement:
        """Counts one frame for the note it belongs to; f0_hz is 0 where unvoiced."""
        if not measured:
            return NOT_A_HIT
        counts = self._seen.is_new(song_s)
        self._move_to(song_s)
        written = self._notes.at(song_s)
        if written is not None and counts:
            self._notes.measured_s[written] += hop_s
            self._notes.voiced_s[written] += hop_s if f0_hz > 0 else 0.0
            self._sums.touch(written)
        if f0_hz <= 0:
            return NOT_A_HIT
        midi = midi_of(f0_hz)
        place = self._notes.place(song_s, midi)
        if counts:
            self._count_voiced(song_s, midi, hop_s, place)
        return self._shown(place, written)

    def finished(self, song_s: float) -> list[NoteDone | LineDone]:
        """What is over at song_s and was not told yet, in order, a line after its notes."""
        self._move_to(song_s)
        while self._over < len(self._by_end) and self._slots[self._by_end[self._over]].note.offset_s <= song_s:
            self._count(self._by_end[self._over])
            self._over += 1
        grace_s = self._rules.live_edge_s + self._rules.live_grace_s
        done: list[NoteDone | LineDone] = []
        while self._next_note < len(self._slots) and self._slots[self._next_note].note.offset_s + grace_s <= song_s:
            done += self._lines_over(self._slots[self._next_note].note.offset_s + grace_s)
            done.append(self._note_done(self._next_note))
            self._next_note += 1
        done += self._lines_over(song_s)
        if song_s >= self._end_s + grace_s:
            self.settle()
        return done

    def settle(self) -> None:
        """Nothing more is sung: what waits for its centre or for another key is counted now."""
        self._centre(np.inf)
        while self._again and self._unsettled:
            self._judge_again()

    def score(self) -> RunningScore:
        """Over the notes that were over at the latest call of `finished`; as quick on a long song as on a short one."""
        for number in tuple(self._sums.changed):
            self._count(number)
        whole = self._sums.whole()
        if whole.length <= 0:
            return RunningScore(0.0, 1.0)
        return RunningScore(self._points(whole, self._extra_s), min(1.0, whole.received / whole.length))

    def _count(self, number: int) -> None:
        self._sums.count(number, self._notes.sums([number]))

    def _move_to(self, song_s: float) -> None:
        """The song goes on: frames get their centres, and some old ones another key."""
        if song_s < self._now_s - self._rules.live_set_back_s:
            self._centre(np.inf)
            self._recent.set_back(song_s - self._rules.live_settle_s)
            self._now_s = song_s
        self._now_s = max(self._now_s, song_s)
        self._centre(self._now_s - self._rules.live_settle_s)
        for _ in range(AGAIN_PER_FRAME):
            if not (self._again and self._unsettled):
                break
            self._judge_again()

    def _count_voiced(self, song_s: float, midi: float, hop_s: float, place: Place | None) -> None:
        if place is None:
            self._extra_s += 0.0 if self._notes.is_free(song_s) else hop_s
            return
        frame = PlacedFrame(song_s, hop_s, midi, midi, place.note, place.bin)
        self._put(frame, hop_s)
        if not self._recent.add(frame):
            self._remember(frame)

    def _put(self, frame: PlacedFrame, seconds: float) -> None:
        self._notes.sung[frame.note, frame.bin] += seconds
        self._sums.touch(frame.note)

    def _centre(self, until_s: float) -> None:
        for frame in self._recent.centred(until_s):
            self._place_anew(frame)
            self._remember(frame)

    def _place_anew(self, frame: PlacedFrame) -> None:
        """Counts a frame by its centre, but by its own pitch where that was shown as a hit and is nearer."""
        own, best = (self._notes.place(frame.song_s, midi) for midi in (frame.midi, frame.centre_midi))
        if own is None or best is None:
            return
        if abs(own.cents) <= self._rules.hit_cents and abs(own.cents) < abs(best.cents):
            best = own
        self._put(frame, -frame.hop_s)
        frame.note, frame.bin = best.note, best.bin
        self._put(frame, frame.hop_s)

    def _remember(self, frame: PlacedFrame) -> None:
        """Until the key is certain."""
        if self._key.is_certain:
            return
        self._unsettled.append(frame)
        if len(self._unsettled) > MAX_UNSETTLED:
            self._key.give_up()
            self._unsettled.clear()

    def _judge_again(self) -> None:
        """The latest first: the notes that are told next."""
        self._place_anew(self._unsettled.pop())

    def _consider_key(self) -> None:
        found_cents = self._key.found_cents(self._next_line)
        if found_cents is None:
            return
        if found_cents == 0.0:
            self._unsettled.clear()
            return
        self._notes.take_key(found_cents)
        self._again = True
        self._sums.touch_all()

    def _shown(self, place: Place | None, written: int | None) -> FrameJudgement:
        if place is None or (written is None and abs(place.cents) > self._rules.no_credit_cents):
            return NOT_A_HIT  # a glide beside a note is no miss
        return FrameJudgement(self._hit(abs(place.cents)), place.cents)

    def _hit(self, cents: float) -> Hit:
        if cents <= self._rules.hit_cents:
            return Hit.HIT
        return Hit.NEAR if cents <= self._rules.no_credit_cents else Hit.MISS

    def _points(self, sums: NoteSums, extra_s: float) -> float:
        if sums.written <= 0:
            return 0.0
        extra = max(0.0, extra_s - self._rules.free_extra * sums.written)
        return without_chance(f_measure(sums.credit, sums.written, sums.sung + extra), self._chance)

    def _note_done(self, number: int) -> NoteDone:
        slot = self._slots[number]
        measured = bool(self._notes.measured_s[number] >= self._rules.least_received * slot.length_s)
        due_s = self._notes.due_s(number)
        self._notes.promise(number)
        self._key.add(self._notes.sung[number])
        credit = self._notes.credit_s(number) / due_s if measured and due_s > 0 else 0.0
        done = NoteDone(slot.phrase, slot.index, credit, self._notes.median_cents(number), measured)
        self._consider_key()
        return done

    def _lines_over(self, song_s: float) -> list[LineDone]:
        """The lines that are over at song_s and all of whose notes were told."""
        grace_s = self._rules.live_edge_s + self._rules.live_grace_s
        done = []
        while self._next_line < len(self._phrases) and self._phrases[self._next_line].offset_s + grace_s <= song_s:
            if any(number >= self._next_note for number in self._line_slots[self._next_line]):
                break
            done.append(self._line_done(self._next_line))
            self._next_line += 1
        return done

    def _line_done(self, phrase: int) -> LineDone:
        sums = self._notes.sums(self._line_slots[phrase])
        measured = min(1.0, sums.received / sums.length) if sums.length > 0 else 0.0
        if measured < self._rules.least_received:
            return LineDone(phrase, 0.0, Rating.NOT_MEASURED, measured)
        score = self._points(sums, 0.0)
        rating = next((rating for least, rating in RATING_FROM if score >= least), Rating.MISSED)
        return LineDone(phrase, score, rating, measured)


def _chance(slots: list[LiveSlot], rules: ScoringRules) -> float:
    """Mean credit of other tunes on this rhythm, each in its best key."""
    if not slots:
        return 0.0
    weights = np.array([slot.weight(rules) * slot.length_s for slot in slots])
    written = np.array([slot.note.midi for slot in slots])
    keys = 100.0 * np.arange(12 if rules.key_free else 1)
    credits = []
    for tune in other_tunes(len(slots), rules):
        cents = 100.0 * (tune - written)[None, :] - keys[:, None]
        credit = credit_of(np.mod(cents + 600.0, 1200.0) - 600.0, rules) @ weights / weights.sum()
        credits.append(float(credit.max()))
    return min(rules.most_pitch_luck, float(np.mean(credits)))
