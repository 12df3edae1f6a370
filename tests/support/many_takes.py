"""Twenty takes of one song by twenty singers, good and bad, as the judge scores them."""

from dataclasses import replace
from functools import cache

import numpy as np
from voicejury.v1 import verdict_pb2

from inference.analysis.technique_message import add_technique
from inference.analysis.verdict import verdict_message
from inference.domain.technique import take_technique
from tests.unit.synthetic_singers import RULES, Singer, score, sing, tune

SECONDS = 20.0
WORDS = "la nuit descend sur le port et nous chantons encore une fois avant que le vent ne tourne"
SINGERS = (
    Singer(),
    Singer(seed=1, vibrato_cents=60.0, vibrato_hz=5.5),
    Singer(seed=2, note_sd_cents=25.0),
    Singer(seed=3, note_sd_cents=50.0),
    Singer(seed=4, note_sd_cents=80.0),
    Singer(seed=5, note_sd_cents=120.0),
    Singer(seed=6, note_sd_cents=160.0),
    Singer(seed=7, note_sd_cents=250.0),
    Singer(seed=8, jitter_s=0.05),
    Singer(seed=9, jitter_s=0.08),
    Singer(seed=10, jitter_s=0.12),
    Singer(seed=11, jitter_s=0.2),
    Singer(seed=12, drop=0.2),
    Singer(seed=13, drop=0.4),
    Singer(seed=14, drop=0.6),
    Singer(seed=15, cents=200.0),
    Singer(seed=16, cents=-300.0, note_sd_cents=40.0),
    Singer(seed=17, scoop_s=0.12),
    Singer(seed=18, note_sd_cents=60.0, jitter_s=0.1),
    Singer(seed=19, note_sd_cents=200.0, drop=0.3, jitter_s=0.1),
)


@cache
def takes() -> tuple[tuple[verdict_pb2.Verdict, bytes], ...]:
    """Each with a hash of its sound."""
    return tuple(_take(number, singer) for number, singer in enumerate(SINGERS))


def _take(number: int, singer: Singer) -> tuple[verdict_pb2.Verdict, bytes]:
    song = tune(3, SECONDS)
    track = sing(song, singer)
    loud = replace(track, level_db=-28.0 + 8.0 * np.sin(track.times_s))
    scored = score(song, track)
    verdict = verdict_message(scored, RULES)
    add_technique(verdict, scored.slots, take_technique(scored, loud, loud.times_s, RULES))
    verdict.duration_s = SECONDS + 1.0
    verdict.session_id = f"take-{number}"
    for line in verdict.lines:
        line.text = " ".join(WORDS.split()[(3 * line.phrase) % 12 :][:5])
    return verdict, track.f0_hz.tobytes()
