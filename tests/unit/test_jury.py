"""What the jury says, held against the verdict it speaks of."""

import hashlib
import re
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from voicejury.jsonform import verdict_dict
from voicejury.v1 import verdict_pb2

from inference.analysis.jury.fact import NOTE_NAMES
from inference.analysis.jury.panel import LANGUAGES, NARROW_SPACE, jurors
from inference.analysis.technique_message import add_technique
from inference.analysis.verdict import verdict_message
from inference.domain.take_score import TakeScore
from inference.domain.technique import take_technique
from inference.domain.track import PitchTrack
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
    Singer(vibrato_cents=70.0, vibrato_hz=6.2, scoop_s=0.12),
]


def with_technique(take: TakeScore, track: PitchTrack) -> verdict_pb2.Verdict:
    """As the judge makes it, with a voice that swells and fades."""
    loud = replace(track, level_db=-28.0 + 8.0 * np.sin(track.times_s))
    verdict = verdict_message(take, RULES)
    add_technique(verdict, take.slots, take_technique(take, loud, loud.times_s, RULES))
    return verdict


@cache
def judged(singer: Singer | None, seconds: float) -> verdict_pb2.Verdict:
    song = tune(3, seconds)
    track = sing(song, singer) if singer else track_of(np.full(1500, np.nan))
    verdict = with_technique(score(song, track), track)
    verdict.duration_s = seconds + 1.0
    return verdict


def verdict_of(singer: Singer | None) -> verdict_pb2.Verdict:
    verdict = verdict_pb2.Verdict()
    verdict.CopyFrom(judged(singer, 15.0))
    return verdict


def verdict_of_longer(singer: Singer) -> verdict_pb2.Verdict:
    """With lines enough for every juror."""
    return judged(singer, 45.0)


SILENCE = judged(None, 15.0)
NOTHING_MEASURED = verdict_pb2.Verdict(duration_s=7.5, reasons={"total": "no part could be measured"})


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
            elif claim.kind == "note":
                assert claim.value == NOTE_NAMES[language][round(held) % 12]
            else:
                shown = 100 * held if claim.kind == "percent" else abs(held)
                assert float(claim.value.replace(",", ".")) == pytest.approx(shown, abs=0.51)


def triple(verdict: verdict_pb2.Verdict, language: str, sound: bytes = b"") -> tuple[str, ...]:
    return tuple(juror.comment for juror in jurors(verdict, language, sound))


@cache
def alike(number: int) -> tuple[verdict_pb2.Verdict, bytes]:
    """One of many takes that differ by a hair, and its sound."""
    track = sing(SONG, Singer(seed=number, noise_cents=1.0))
    verdict = with_technique(score(SONG, track), track)
    verdict.duration_s = 16.0
    return verdict, hashlib.sha256(track.f0_hz.tobytes()).digest()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_of_two_hundred_takes_that_differ_by_a_hair_no_two_get_the_same_three_comments(language: str) -> None:
    assert len({triple(verdict, language, sound) for verdict, sound in map(alike, range(200))}) == 200


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("verdict", [SILENCE, NOTHING_MEASURED], ids=["silent", "not measured"])
def test_of_two_hundred_silences_no_two_get_the_same_three_comments(
    verdict: verdict_pb2.Verdict, language: str
) -> None:
    noises = (np.random.default_rng(number).normal(0, 1e-4, 100).tobytes() for number in range(200))
    assert len({triple(verdict, language, hashlib.sha256(noise).digest()) for noise in noises}) == 200


def test_two_sessions_of_the_same_sound_get_other_comments() -> None:
    first, second = verdict_of(Singer()), verdict_of(Singer())
    first.session_id, second.session_id = "a", "b"
    assert triple(first, "fr") != triple(second, "fr")


def told_lines(juror: verdict_pb2.Juror) -> set[str]:
    return {match for claim in juror.claims for match in re.findall(r"lines\[\d+\]", claim.path)}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("singer", SINGERS)
def test_each_juror_speaks_of_other_lines_and_tells_no_fact_twice(singer: Singer, language: str) -> None:
    for number in range(20):
        panel = jurors(verdict_of_longer(singer), language, bytes([number]))
        for one, other in combinations(panel, 2):
            assert not told_lines(one) & told_lines(other)
        for juror in panel:
            facts = [claim.fact for claim in juror.claims]
            assert len(facts) == len(set(facts))
            assert {"line", "second", "cents", "word"} & {claim.kind for claim in juror.claims}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("singer", [*SINGERS, None])
def test_numbers_are_said_as_one_says_them(singer: Singer | None, language: str) -> None:
    for number in range(20):
        for juror in jurors(verdict_of(singer), language, bytes([number])):
            assert not re.search(r"\d[.,]\d\d|\d[.,]0\b", juror.comment)
            assert not re.search(r"(?<![\d.,])1 (secondes|seconds|demi-tons|semitones)", juror.comment)


def test_the_vote_is_what_the_comment_ends_with() -> None:
    for persona, language in product(("diva", "metronome", "grand-mere"), ("fr", "en")):
        for singer, number in product((Singer(), Singer(note_sd_cents=250.0, drop=0.6)), range(10)):
            juror = next(j for j in jurors(verdict_of(singer), language, bytes([number])) if j.persona == persona)
            said = LANGUAGES[language][persona]["yes" if juror.vote else "no"]
            assert juror.comment.replace(NARROW_SPACE, " ").endswith(said)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_slot_offers_six_sentences_and_both_languages_the_same_slots(language: str) -> None:
    for persona, slots in LANGUAGES[language].items():
        assert slots.keys() == LANGUAGES["fr"][persona].keys()
        for name, sentences in slots.items():
            assert len(set(sentences)) >= 6, (persona, name)


def test_the_same_take_gets_the_same_comments() -> None:
    assert jurors(verdict_of(SINGERS[2]), "fr") == jurors(verdict_of(SINGERS[2]), "fr")


def test_nobody_votes_for_a_silent_take() -> None:
    assert not any(juror.vote for juror in jurors(verdict_of(None), "en"))


def test_a_good_take_wins_every_vote_and_a_wild_one_does_not() -> None:
    assert all(juror.vote for juror in jurors(verdict_of(Singer()), "fr"))
    assert not all(juror.vote for juror in jurors(verdict_of(Singer(note_sd_cents=250.0)), "fr"))


def test_a_take_that_could_not_be_measured_is_not_judged_by_its_silence() -> None:
    for juror in jurors(NOTHING_MEASURED, "fr"):
        assert not juror.vote
        assert [claim.path for claim in juror.claims] == ["duration_s"]


TOLD_BY = {
    "technique.vibrato_hz": "diva",
    "technique.vibrato_cents": "diva",
    "technique.scoops": "diva",
    "technique.longest_s": "metronome",
    "technique.longest_second": "metronome",
    "technique.stability_cents": "metronome",
    "technique.dynamics_db": "grand-mere",
}


def ornate() -> verdict_pb2.Verdict:
    """A take of which every way of singing is worth a word."""
    verdict = verdict_of(Singer(note_sd_cents=60.0))
    verdict.technique.CopyFrom(
        verdict_pb2.Technique(
            vibrato_hz=5.94,
            vibrato_cents=61.6,
            scoops=7,
            longest_note_s=2.34,
            longest_note_at_s=11.25,
            stability_cents=22.4,
            dynamics_db=12.3,
        )
    )
    return verdict


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_juror_speaks_of_technique_and_the_results_hold_it(language: str) -> None:
    verdict = ornate()
    document = verdict_dict(verdict)
    told: set[str] = set()
    for number in range(120):
        for juror in jurors(verdict, language, bytes([number])):
            for claim in juror.claims:
                if claim.path.startswith("technique."):
                    told.add(claim.fact)
                    assert TOLD_BY[claim.fact] == juror.persona
                    assert claim.value in juror.comment
                    assert float(claim.value.replace(",", ".")) == pytest.approx(at(document, claim.path), abs=0.51)
    assert told == TOLD_BY.keys()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nobody_speaks_of_technique_that_was_not_measured(language: str) -> None:
    for absent in (verdict_pb2.Technique(), verdict_pb2.Technique(vibrato_cents=12.0, scoops=1, dynamics_db=3.0)):
        verdict = ornate()
        verdict.technique.CopyFrom(absent)
        for number in range(40):
            claims = [claim for juror in jurors(verdict, language, bytes([number])) for claim in juror.claims]
            assert not [claim for claim in claims if claim.path.startswith("technique.")]
