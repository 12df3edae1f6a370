"""One take whose every number is known by heart, in a French and an English song: what may be said of it is known."""

from voicejury.v1 import verdict_pb2

FRENCH = (
    "Au clair de la lune",
    "mon ami Pierrot",
    "prête-moi ta plume",
    "pour écrire un mot",
    "ma chandelle est morte",
    "je n’ai plus de feu",
)
ENGLISH = (
    "Twinkle twinkle little star",
    "how I wonder what you are",
    "up above the world so high",
    "like a diamond in the sky",
    "when the blazing sun is gone",
    "when he nothing shines upon",
)
LOST = {"fr": "Pierrot", "en": "wonder"}
ONSETS_S = (1.0, 6.2, 11.5, 17.0, 22.4, 28.1)
PITCH = (91.0, 74.0, 48.3, 66.0, 82.0, 58.0)
RHYTHM = (88.0, 52.0, 71.0, 33.0, 79.0, 64.0)
LYRICS = (100.0, 75.0, 100.0, 90.0, 100.0, 95.0)


def take(language: str) -> verdict_pb2.Verdict:
    """34 seconds, 67.4 in all: a flat note in the third line, a sharp one in the last, a late and an early start."""
    verdict = verdict_pb2.Verdict(
        session_id="jury-take",
        total=67.4,
        pitch=71.2,
        rhythm=63.5,
        lyrics=78.0,
        key_shift_semitones=2.0,
        coverage=0.93,
        measured=1.0,
        confidence=0.9,
        duration_s=34.0,
        technique=verdict_pb2.Technique(
            vibrato_hz=5.6,
            vibrato_cents=48.0,
            vibrato_share=0.5,
            stability_cents=22.0,
            attack_cents=-24.0,
            scoops=6,
            dynamics_db=11.0,
            breaths=7,
            longest_note_s=2.3,
            longest_note_at_s=24.1,
            lowest_midi=55.0,
            highest_midi=69.0,
        ),
    )
    for index, text in enumerate(FRENCH if language == "fr" else ENGLISH):
        verdict.lines.append(_line(index, text))
    _note(verdict.lines[2], 14.2, -62.0)
    _note(verdict.lines[5], 30.5, 41.0)
    _loss(verdict.lines[1], part="lyrics", reason="word-missing", song_s=8.4, word=LOST[language])
    _loss(verdict.lines[1], part="rhythm", reason="early", song_s=6.3, ms=120.0)
    _loss(verdict.lines[3], part="rhythm", reason="late", song_s=18.7, ms=180.0)
    return verdict


def weak_take(language: str) -> verdict_pb2.Verdict:
    """The same, but nothing of it is worth praise."""
    verdict = take(language)
    verdict.total, verdict.pitch, verdict.rhythm, verdict.lyrics = 18.0, 12.0, 9.0, 35.0
    for line in verdict.lines:
        line.pitch, line.rhythm = 0.2 * line.pitch, 0.2 * line.rhythm
    return verdict


def silent_take(language: str) -> verdict_pb2.Verdict:
    verdict = take(language)
    verdict.total = verdict.pitch = verdict.rhythm = verdict.lyrics = verdict.coverage = 0.0
    verdict.ClearField("technique")
    for line in verdict.lines:
        line.pitch = line.rhythm = line.lyrics = 0.0
        del line.losses[:]
        for note in line.notes:
            note.credit = note.cents_off = 0.0
    return verdict


def _line(index: int, text: str) -> verdict_pb2.LineVerdict:
    onset_s = ONSETS_S[index]
    notes = [
        verdict_pb2.NoteVerdict(
            note=place, onset_s=onset_s + place, sung_onset_s=onset_s + place, credit=0.9, measured=True
        )
        for place in range(4)
    ]
    return verdict_pb2.LineVerdict(
        phrase=index,
        text=text,
        onset_s=onset_s,
        offset_s=onset_s + 4.5,
        pitch=PITCH[index],
        rhythm=RHYTHM[index],
        lyrics=LYRICS[index],
        measured=1.0,
        notes=notes,
    )


def _note(line: verdict_pb2.LineVerdict, onset_s: float, cents_off: float) -> None:
    line.notes[2].onset_s = onset_s
    line.notes[2].cents_off = cents_off


def _loss(
    line: verdict_pb2.LineVerdict, part: str, reason: str, song_s: float, ms: float = 0.0, word: str = ""
) -> None:
    line.losses.append(verdict_pb2.Loss(part=part, points=1.0, reason=reason, song_s=song_s, ms=ms, word=word))
