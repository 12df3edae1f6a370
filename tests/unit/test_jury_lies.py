"""What a language model may say of a take: no lie passes, and most true sentences do."""

import pytest
from voicejury.v1 import verdict_pb2

from inference.analysis.jury import prompt
from inference.analysis.jury.checking.checks import why_refused
from inference.analysis.jury.checking.scene import Scene
from inference.analysis.jury.personas import PERSONAS
from inference.analysis.jury.writing import Audience, given, scene
from tests.support.honest_sentences import HONEST
from tests.support.jury_take import silent_take, take, weak_take
from tests.support.lies import KINDS, LIES

TAKES = {"plain": take, "weak": weak_take, "silent": silent_take}
MOST_DROPPED = 0.1  # of true sentences


def scene_of(persona: str, verdict: verdict_pb2.Verdict, audience: Audience) -> Scene:
    facts = given(verdict)
    asked = prompt.request(persona, audience.language, "normal", audience.for_children, facts, 1)
    return scene(persona, verdict, audience, facts, (asked.system,))


def test_there_are_fifty_kinds_of_lies_and_each_is_told_in_both_languages() -> None:
    assert len(KINDS) >= 50
    for kind in KINDS:
        assert {lie.language for lie in LIES if lie.kind == kind} == {"fr", "en"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_lie_of_this_kind_is_let_through(kind: str) -> None:
    for lie in (lie for lie in LIES if lie.kind == kind):
        for persona in PERSONAS:
            held = scene_of(persona.id, TAKES[lie.take](lie.language), Audience(lie.language, lie.for_children))
            assert why_refused(lie.text, lie.facts, held) is not None, (persona.id, lie.text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_few_true_sentences_are_dropped(language: str) -> None:
    held = scene_of("diva", take(language), Audience(language))
    dropped = [text for text, facts in HONEST[language] if why_refused(text, facts, held) is not None]
    assert len(dropped) <= MOST_DROPPED * len(HONEST[language]), dropped


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_true_sentence_that_cites_nothing_or_something_else_is_dropped(language: str) -> None:
    """It is the citation that holds a sentence, not luck."""
    held = scene_of("diva", take(language), Audience(language))
    for text, facts in HONEST[language]:
        assert why_refused(text, (), held) == "no-fact"
        other = ("measured-nothing", *facts)
        assert why_refused(text, other, held) == "no-fact"
        if facts != ("level",):
            assert why_refused(text, ("level",), held) is not None, text
