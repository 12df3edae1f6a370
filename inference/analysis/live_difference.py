"""Why the live score and the verdict differ: what the live judge could not know."""

from voicejury.v1 import verdict_pb2

from inference.domain.rules import ScoringRules

TOLERATED_POINTS = 3.0
UNSUNG_S = 1.0  # a song that was left this long before its end was left
LITTLE_LOST = 0.03  # share of the song that may be lost without a word
LUCKY_PITCH = 90.0  # points from which on luck has hardly a part in them


def why_live_differs(
    verdict: verdict_pb2.Verdict, sung_until_s: float, song_end_s: float, rules: ScoringRules
) -> str | None:
    """A sentence; None where both agree or one of them is missing. Seconds are the song's."""
    if not (verdict.HasField("live_pitch") and verdict.HasField("pitch")):
        return None
    points = verdict.live_pitch - verdict.pitch
    if abs(points) <= TOLERATED_POINTS:
        return None
    causes = [cause for cause in _causes(verdict, sung_until_s, song_end_s, rules) if cause]
    side = "above" if points > 0 else "below"
    return f"the live score ended {abs(points):.0f} points {side} the verdict's pitch: {'; '.join(causes)}"


def _causes(
    verdict: verdict_pb2.Verdict, sung_until_s: float, song_end_s: float, rules: ScoringRules
) -> list[str | None]:
    lost, left_s = 1.0 - verdict.measured, song_end_s - sung_until_s
    drifted_s = 1e-6 * verdict.clock_drift_ppm * min(sung_until_s, song_end_s)
    known = [
        f"the last {left_s:.0f} s of the song were not sung, and live counts only what was reached"
        if left_s > UNSUNG_S
        else None,
        f"{100 * lost:.0f} % of the notes were lost or concealed on the way and are left out"
        if lost > LITTLE_LOST
        else None,
        f"everything came {1000 * verdict.latency_s:+.0f} ms, which the verdict takes out and live does not"
        if abs(verdict.latency_s) > rules.live_edge_s
        else None,
        f"the clocks drifted apart by {1000 * drifted_s:+.0f} ms, which the verdict takes out and live does not"
        if abs(drifted_s) > rules.live_edge_s
        else None,
        f"it was sung {verdict.key_shift_semitones:+.0f} semitones away, which is certain only at the end"
        if verdict.key_shift_semitones
        else None,
        f"other tunes earn {100 * verdict.chance_pitch:.0f} % of this song by luck, which the verdict takes off; "
        "live has only an estimate of it"
        if verdict.live_pitch > verdict.pitch and verdict.pitch < LUCKY_PITCH and verdict.chance_pitch
        else None,
    ]
    if any(known):
        return known
    return ["the verdict aligns the whole take and bridges consonants, which live cannot"]
