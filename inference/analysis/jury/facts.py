"""What the jury may say: facts of one take, computed before anybody speaks.

A fact knows where the verdict's JSON holds it, so that a reader can check the juror.
"""

from dataclasses import dataclass, field

from voicejury.v1 import verdict_pb2

MAX_WORDS = 7  # of a line that is quoted
CLEAR_CENTS = 15.0  # a smaller error is not worth a word
CLEAR_MS = 60.0
CLEAR_PITCH = 85.0  # a better line is no weak one


@dataclass(frozen=True, slots=True)
class Fact:
    id: str
    kind: str  # "line", "second", "cents", "word", "ms", "score", "semitones"
    number: float | None  # None where the fact is words
    text: str  # empty where the fact is a number
    path: str

    def value(self, language: str, decimals: int) -> str:
        """As the comment says it; the French write a comma."""
        if self.number is None:
            return self.text
        written = f"{abs(self.number):.{decimals}f}"
        return written.replace(".", ",") if language == "fr" else written


@dataclass(slots=True)
class TakeFacts:
    """The facts by the name that templates use."""

    sung: bool
    scores: dict[str, float]  # the measured parts and the total
    facts: dict[str, Fact] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)  # "flat" or "sharp", "late" or "early"

    def add(self, name: str, kind: str, path: str, *, number: float | None = None, text: str = "") -> None:
        self.facts[name] = Fact(name, kind, number, text, path)


def take_facts(verdict: verdict_pb2.Verdict) -> TakeFacts:
    scores = {p: float(getattr(verdict, p)) for p in ("total", "pitch", "rhythm", "lyrics") if verdict.HasField(p)}
    facts = TakeFacts(sung=verdict.coverage > 0.02, scores=scores)
    for part, points in scores.items():
        facts.add(part, "score", part, number=points)
    facts.add("duration", "second", "duration_s", number=verdict.duration_s)
    facts.add("coverage", "score", "coverage", number=verdict.coverage)
    if verdict.key_shift_semitones:
        facts.add("key", "semitones", "key_shift_semitones", number=verdict.key_shift_semitones)
    _add_exact_note(facts, verdict)
    _add_lines(facts, verdict)
    _add_worst_note(facts, verdict)
    _add_worst_onset(facts, verdict)
    _add_lost_word(facts, verdict)
    return facts


def quoted(text: str) -> str:
    """The first words of a line, as they stand there."""
    words = text.split(" ")
    return text if len(words) <= MAX_WORDS else " ".join(words[:MAX_WORDS]).rstrip(",;: ")


def _add_lines(facts: TakeFacts, verdict: verdict_pb2.Verdict) -> None:
    scored = [line for line in verdict.lines if line.HasField("pitch")]
    if not scored:
        return
    best = max(scored, key=lambda line: (line.pitch, -line.onset_s))
    worst = min(scored, key=lambda line: (line.pitch, line.onset_s))
    told = [("best", best), ("worst", worst)] if worst.pitch < CLEAR_PITCH else [("best", best)]
    for name, line in told:
        index = line.phrase
        facts.add(f"{name}_pitch", "score", f"lines[{index}].pitch", number=line.pitch)
        facts.add(f"{name}_second", "second", f"lines[{index}].onset_s", number=line.onset_s)
        if line.text.strip():
            facts.add(f"{name}_text", "line", f"lines[{index}].text", text=quoted(line.text.strip()))


def _add_worst_note(facts: TakeFacts, verdict: verdict_pb2.Verdict) -> None:
    found = [
        (line.phrase, place, note)
        for line in verdict.lines
        for place, note in enumerate(line.notes)
        if note.measured and abs(note.cents_off) >= CLEAR_CENTS
    ]
    if not found:
        return
    phrase, place, note = max(found, key=lambda entry: (abs(entry[2].cents_off), -entry[2].onset_s))
    path = f"lines[{phrase}].notes[{place}]"
    facts.add("note_cents", "cents", f"{path}.cents_off", number=note.cents_off)
    facts.add("note_second", "second", f"{path}.onset_s", number=note.onset_s)
    facts.flags.add("sharp" if note.cents_off > 0 else "flat")


def _add_exact_note(facts: TakeFacts, verdict: verdict_pb2.Verdict) -> None:
    """The first note that was sung, to the hundredth of a cent: no two voices share it."""
    for line in verdict.lines:
        for place, note in enumerate(line.notes):
            if note.measured and note.cents_off:
                path = f"lines[{line.phrase}].notes[{place}]"
                facts.add("exact_cents", "cents", f"{path}.cents_off", number=note.cents_off)
                facts.add("exact_second", "second", f"{path}.onset_s", number=note.onset_s)
                return


def _add_worst_onset(facts: TakeFacts, verdict: verdict_pb2.Verdict) -> None:
    found = [
        (line.phrase, place, loss)
        for line in verdict.lines
        for place, loss in enumerate(line.losses)
        if loss.reason in ("late", "early") and abs(loss.ms) >= CLEAR_MS
    ]
    if not found:
        return
    phrase, place, loss = max(found, key=lambda entry: (abs(entry[2].ms), -entry[2].song_s))
    path = f"lines[{phrase}].losses[{place}]"
    facts.add("onset_ms", "ms", f"{path}.ms", number=loss.ms)
    facts.add("onset_second", "second", f"{path}.song_s", number=loss.song_s)
    facts.flags.add(loss.reason)


def _add_lost_word(facts: TakeFacts, verdict: verdict_pb2.Verdict) -> None:
    for line in verdict.lines:
        for place, loss in enumerate(line.losses):
            if loss.part == "lyrics" and loss.word.strip():
                path = f"lines[{line.phrase}].losses[{place}]"
                facts.add("lost_word", "word", f"{path}.word", text=loss.word)
                facts.add("lost_second", "second", f"{path}.song_s", number=loss.song_s)
                return
