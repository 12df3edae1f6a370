"""A verdict as a person reads it in a terminal."""

from voicejury.v1 import verdict_pb2

PARTS = ("total", "pitch", "rhythm", "lyrics")
TEXT_WIDTH = 40


def summary(verdict: verdict_pb2.Verdict) -> str:
    """Scores, what was found, each line with its worst loss, and the jury."""
    rows = [f"{part:<8}{_points(verdict, part)}" for part in PARTS]
    rows.append(_findings(verdict))
    rows.extend(_line(line) for line in verdict.lines)
    rows.extend(f"{'✔' if juror.vote else '✘'} {juror.name}: {juror.comment}" for juror in verdict.jury)
    return "\n".join(rows)


def _points(verdict: verdict_pb2.Verdict, part: str) -> str:
    if verdict.HasField(part):  # type: ignore[arg-type]
        return f"{getattr(verdict, part):5.1f}"
    return f"    –  {verdict.reasons.get(part, '')}"


def _findings(verdict: verdict_pb2.Verdict) -> str:
    return (
        f"key {verdict.key_shift_semitones:+.0f} semitones, latency {1000 * verdict.latency_s:+.0f} ms, "
        f"coverage {verdict.coverage:.0%}, confidence {verdict.confidence:.0%}, {verdict.estimator}; "
        f"luck would earn {verdict.chance_pitch:.2f} of the pitch and {verdict.chance_rhythm:.2f} of the rhythm"
    )


def _line(line: verdict_pb2.LineVerdict) -> str:
    score = f"{line.pitch:5.1f}" if line.HasField("pitch") else "    –"
    text = line.text if len(line.text) <= TEXT_WIDTH else f"{line.text[: TEXT_WIDTH - 1]}…"
    worst = max(line.losses, key=lambda loss: loss.points, default=None)
    reason = f"  {worst.reason} at {worst.song_s:.1f} s, {worst.points:.1f} points" if worst else ""
    return f"{line.onset_s:7.1f} s {score}  {text:<{TEXT_WIDTH}}{reason}".rstrip()
