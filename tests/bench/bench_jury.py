"""The jury by language models: lies that reach the page, true sentences dropped, and how long the three take."""

import statistics
import sys
import time
from collections.abc import Sequence

from voicejury.v1 import verdict_pb2

from inference.analysis.jury import prompt
from inference.analysis.jury.checking.checks import why_refused
from inference.analysis.jury.checking.scene import Scene, words_of
from inference.analysis.jury.models import Address, OpenAiTier
from inference.analysis.jury.panel import jurors
from inference.analysis.jury.personas import PERSONAS
from inference.analysis.jury.speaking import Audience, speak_now
from inference.analysis.jury.writing import given, scene
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support import llm_server as llm
from tests.support.honest_sentences import HONEST, LATER, Cited
from tests.support.jury_take import silent_take, take, weak_take
from tests.support.lies import KINDS, LIES, Lie
from tests.support.many_takes import takes
from tests.support.places import ROOT

PAGE, SECTION = ROOT / "docs" / "benchmarks.md", "bench-jury"
TAKES = {"plain": take, "weak": weak_take, "silent": silent_take}
LIES_PER_ANSWER = 6  # among as many true sentences, so that the model is the one who is heard
RUNS = 5
LATEST_S = 5.0
SOUND = b"bench"


def tier(server: llm.LlmServer) -> OpenAiTier:
    return OpenAiTier(Address("openai", server.base_url, "liar-1"))


def scene_of(persona: str, verdict: verdict_pb2.Verdict, audience: Audience) -> Scene:
    facts = given(verdict)
    asked = prompt.request(persona, audience.language, "normal", audience.for_children, facts, 1)
    return scene(persona, verdict, audience, facts, (asked.system,))


def lies_through_the_checks() -> list[Figure]:
    """Each lie on its own, to each juror, who was given every fact of the take."""
    passed = {
        lie.kind
        for lie in LIES
        for persona in PERSONAS
        if why_refused(
            lie.text,
            lie.facts,
            scene_of(persona.id, TAKES[lie.take](lie.language), Audience(lie.language, lie.for_children)),
        )
        is None
    }
    return [
        Figure("kinds of lies, each in French and English", len(KINDS), "kinds", 50, at_least=True),
        Figure("lies told", len(LIES) * len(PERSONAS), "sentences"),
        Figure("kinds of which one passes the checks", len(passed), "kinds", 0),
    ]


def lies_on_the_page() -> list[Figure]:
    """By a server that mixes lies with true sentences."""
    told = reached = by_model = panels = 0
    for some, verdict, audience in _rounds():
        true = [(text, facts) for text, facts in HONEST[audience.language]][:: len(some)][:LIES_PER_ANSWER]
        with llm.llm_server(llm.says([*true, *((lie.text, lie.facts) for lie in some)])) as server:
            panel = speak_now(verdict, audience, SOUND, [tier(server)])
        said = [words_of(sentence.text) for juror in panel for sentence in juror.sentences]
        told += 3 * len(some)
        reached += sum(words_of(lie.text) in said for lie in some)
        by_model += sum(juror.told_by != "grammar" for juror in panel)
        panels += 3
    return [
        Figure("lies sent by a server among true sentences", told, "sentences"),
        Figure("lies that reached the page", reached, "sentences", 0),
        Figure("jurors who spoke in that server's words all the same", 100.0 * by_model / panels, "%"),
    ]


def _rounds() -> list[tuple[Sequence[Lie], verdict_pb2.Verdict, Audience]]:
    rounds: list[tuple[Sequence[Lie], verdict_pb2.Verdict, Audience]] = []
    keys = dict.fromkeys((lie.language, lie.take, lie.for_children) for lie in LIES)
    for language, which, for_children in keys:
        lies = [lie for lie in LIES if (lie.language, lie.take, lie.for_children) == (language, which, for_children)]
        for at in range(0, len(lies), LIES_PER_ANSWER):
            rounds.append((lies[at : at + LIES_PER_ANSWER], TAKES[which](language), Audience(language, for_children)))
    return rounds


def true_sentences() -> list[Figure]:
    figures = []
    for name, corpus in (("known while the checks were mended", HONEST), ("written afterwards", LATER)):
        total = sum(len(sentences) for sentences in corpus.values())
        dropped = sum(_dropped(language, sentences) for language, sentences in corpus.items())
        figures.append(Figure(f"true sentences dropped, of {total} {name}", 100.0 * dropped / total, "%", 15.0))
    return figures


def _dropped(language: str, sentences: Sequence[Cited]) -> int:
    held = scene_of("diva", take(language), Audience(language))
    return sum(why_refused(text, facts, held) is not None for text, facts in sentences)


def seconds() -> list[Figure]:
    says = llm.says(HONEST["fr"][:1] + HONEST["fr"][11:13] + HONEST["fr"][17:18] + HONEST["fr"][28:30], 0.5)
    servers = {
        "a server of 0.5 s": says,
        "one that hangs": llm.hangs,
        "one that answers 429": llm.fails(429),
        "one that answers 500": llm.fails(500),
        "nonsense": llm.answers("I am a teapot"),
        "a body without end": llm.streams_without_end,
        "a byte now and then": llm.drips,
    }
    figures = [Figure("the three by the grammar alone", _slowest([]), "s", LATEST_S)]
    for name, behave in servers.items():
        figures.append(Figure(f"the three, {name}: slowest of {RUNS}", _slowest([behave]), "s", LATEST_S))
    figures.append(Figure("the three, two models that hang", _slowest([llm.hangs, llm.hangs]), "s", LATEST_S))
    figures.append(Figure("the three, the first model hangs, the second needs 0.5 s", _slowest([llm.hangs, says]), "s",
                          LATEST_S))  # fmt: skip
    return figures


def _slowest(behaviours: Sequence[llm.Behave]) -> float:
    """Each run with new tiers, so that none is left alone yet."""
    took = []
    for _ in range(RUNS):
        if not behaviours:
            took.append(_took_s([]))
            continue
        with llm.llm_server(behaviours[0]) as first, llm.llm_server(behaviours[-1]) as second:
            took.append(_took_s([tier(first), tier(second)][: len(behaviours)]))
    return max(took)


def _took_s(tiers: Sequence[OpenAiTier]) -> float:
    begun_s = time.monotonic()
    panel = speak_now(take("fr"), Audience("fr"), SOUND, tiers)
    assert len(panel) == 3
    return time.monotonic() - begun_s


def repeats() -> list[Figure]:
    """Twenty takes of one song: how many of a juror's sentences were heard before."""
    shares, alike = [], 0
    for language in ("fr", "en"):
        panels = [jurors(verdict, language, sound) for verdict, sound in takes()]
        for place in range(3):
            sentences = [sentence.text for panel in panels for sentence in panel[place].sentences]
            shares.append(100.0 * (1 - len(set(sentences)) / len(sentences)))
            alike += len(panels) - len({panel[place].comment for panel in panels})
    return [
        Figure("grammar: comments said twice over 20 takes of one song", alike, "comments", 0),
        Figure("grammar: sentences said before, mean of jurors and languages", statistics.mean(shares), "%"),
        Figure("grammar: the same, the worst juror", max(shares), "%", 30.0),
    ]


def main() -> int:
    report = Report()
    report.section("lies through the checks", lies_through_the_checks)
    report.section("lies on the page", lies_on_the_page)
    report.section("true sentences", true_sentences)
    report.section("seconds", seconds)
    report.section("repeats", repeats)
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
