"""What the jury says, held against the verdict it speaks of."""

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from voicejury.jsonform import verdict_dict
from voicejury.v1 import verdict_pb2

from inference.analysis.jury.panel import jurors
from inference.analysis.verdict import verdict_message
from tests.unit.synthetic_singers import RULES, Singer, score, sing, track_of, tune

SONG = tune(3, 15.0)
SINGERS = [
    Singer(),
    Singer(seed=1),
    Singer(note_sd_cents=40.0),
    Singer(note_sd_cents=120.0),
    Singer(jitter_s=0.1),
    Singer(drop=0.5),
    Singer(cents=500.0),
]


def verdict_of(singer: Singer | None) -> verdict_pb2.Verdict:
    track = sing(SONG, singer) if singer else track_of(np.full(1500, np.nan))
    verdict = verdict_message(score(SONG, track), RULES)
    verdict.duration_s = 16.0
    return verdict


def at(document: dict[str, Any], path: str) -> Any:
    value: Any = document
    for name, index in re.findall(r"(\w+)|\[(\d+)\]", path):
        value = value[int(index)] if index else value[name]
    return value


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("singer", [*SINGERS, None])
def test_every_claim_is_in_the_comment_and_in_the_results(singer: Singer | None, language: str) -> None:
    verdict = verdict_of(singer)
    panel = jurors(verdict, language)
    document = verdict_dict(verdict)
    assert [juror.persona for juror in panel] == ["diva", "metronome", "grand-mere"]
    for juror in panel:
        assert juror.claims
        for claim in juror.claims:
            assert claim.value in juror.comment
            held = at(document, claim.path)
            if isinstance(held, str):
                assert claim.value in held
            else:
                assert float(claim.value.replace(",", ".")) == pytest.approx(abs(held), abs=0.51)


def test_two_takes_never_get_the_same_three_comments() -> None:
    said = [tuple(juror.comment for juror in jurors(verdict_of(singer), "fr")) for singer in [*SINGERS, None]]
    assert all(one != other for one, other in combinations(said, 2))


def test_the_same_take_gets_the_same_comments() -> None:
    assert jurors(verdict_of(SINGERS[2]), "fr") == jurors(verdict_of(SINGERS[2]), "fr")


def test_a_silent_take_is_told_so_by_all_and_nobody_votes_yes() -> None:
    panel = jurors(verdict_of(None), "en")
    assert not any(juror.vote for juror in panel)
    assert all("16.0" in juror.comment for juror in panel)


def test_a_good_take_wins_every_vote_and_a_wild_one_does_not() -> None:
    assert all(juror.vote for juror in jurors(verdict_of(Singer()), "fr"))
    assert not all(juror.vote for juror in jurors(verdict_of(Singer(note_sd_cents=250.0)), "fr"))


def test_a_take_that_could_not_be_measured_is_not_judged_by_its_silence() -> None:
    verdict = verdict_pb2.Verdict(duration_s=7.5, reasons={"total": "no part could be measured"})
    assert all("7,5" in juror.comment and not juror.vote for juror in jurors(verdict, "fr"))
