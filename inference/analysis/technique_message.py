"""How a take was sung, as the contract's verdict tells it: what could not be measured stays absent."""

from voicejury.v1 import verdict_pb2

from inference.domain.take_score import NoteSlot
from inference.domain.technique import NoteTechnique, TakeTechnique


def add_technique(verdict: verdict_pb2.Verdict, slots: tuple[NoteSlot, ...], technique: TakeTechnique) -> None:
    """Tells it of the whole take and of each note; `slots` are the score's, in the order of `technique.notes`."""
    verdict.technique.CopyFrom(technique_message(technique))
    by_place = {(s.phrase, s.index): how for s, how in zip(slots, technique.notes, strict=True)}
    for line in verdict.lines:
        for note in line.notes:
            _tell(note, by_place[line.phrase, note.note])


def technique_message(technique: TakeTechnique) -> verdict_pb2.Technique:
    vibrato = technique.vibrato
    return verdict_pb2.Technique(
        vibrato_hz=vibrato.rate_hz if vibrato else None,
        vibrato_cents=vibrato.extent_cents if vibrato else None,
        vibrato_share=technique.vibrato_share,
        stability_cents=technique.stability_cents,
        tuning_cents=technique.tuning_cents,
        attack_cents=technique.attack_cents,
        scoops=technique.scoops,
        dynamics_db=technique.dynamics_db,
        breaths=technique.breaths,
        longest_note_s=technique.longest_note_s,
        longest_note_at_s=technique.longest_note_at_s,
        lowest_midi=technique.lowest_midi,
        highest_midi=technique.highest_midi,
    )


def _tell(note: verdict_pb2.NoteVerdict, how: NoteTechnique) -> None:
    note.scoop = how.scoop
    if how.sung_offset_s is not None:
        note.sung_offset_s = how.sung_offset_s
    if how.vibrato is not None:
        note.vibrato_hz, note.vibrato_cents = how.vibrato.rate_hz, how.vibrato.extent_cents
    if how.stability_cents is not None:
        note.stability_cents = how.stability_cents
