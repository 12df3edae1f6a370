"""One juror in a model's words: only sentences that the facts hold are kept, and the grammar tells the vote."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.answer import Draft
from inference.analysis.jury.checking.checks import why_refused
from inference.analysis.jury.checking.scene import Scene, extremes, words_of
from inference.analysis.jury.evidence import LEVELS, evidence
from inference.analysis.jury.fact import Fact
from inference.analysis.jury.facts import take_facts
from inference.analysis.jury.grammar import spaced
from inference.analysis.jury.personas import GOOD, persona_of
from inference.analysis.jury.prompt import Request, bounded, request

MAX_KEPT, LEAST_KEPT = 5, 2  # sentences of a model; with fewer the grammar speaks
WORDY = ("line", "word", "title")
NAMES = {
    "fr": "carlotta divina pervenche mamie maître balancier noël zurich milan vérone",
    "en": "i carlotta divina periwinkle granny master pendulum christmas zurich milan verona sunday",
}


@dataclass(frozen=True, slots=True)
class Brief:
    """What one juror may speak of: the facts it is given, as a model is asked and as its sentences are checked."""

    grammar: verdict_pb2.Juror  # the same juror by the grammar
    request: Request
    scene: Scene


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the jury speaks to; how kindly follows the verdict's level."""

    language: str = "fr"  # French where it is not known
    for_children: bool = False
    title: str = ""  # of the song; the text of strangers


def may_be_told(verdict: verdict_pb2.Verdict) -> bool:
    """Whether there is anything to speak of: of silence no model is asked, so that none can flatter it."""
    facts = take_facts(verdict)
    return facts.sung and "total" in facts.scores


def brief(grammar: verdict_pb2.Juror, verdict: verdict_pb2.Verdict, audience: Audience, told: Collection[int]) -> Brief:
    """Without the lines in `told`, of which other jurors speak."""
    facts = given(verdict, audience.title, told)
    asked = request(
        grammar.persona, audience.language, LEVELS[verdict.level], audience.for_children, facts, _seed(grammar)
    )
    return Brief(grammar, asked, scene(grammar.persona, verdict, audience, facts, (asked.system,)))


def given(verdict: verdict_pb2.Verdict, title: str = "", told: Collection[int] = ()) -> dict[str, Fact]:
    """The facts as a model gets them: strangers' words cut short, no codes, no names of notes ("la" is an article)."""
    facts = {id_: fact for id_, fact in evidence(verdict, told).items() if fact.kind not in ("note", "code")}
    if title.strip():
        facts["title"] = Fact("title", "title", None, title, "")
    return {id_: replace(fact, text=bounded(fact.text)) if fact.kind in WORDY else fact for id_, fact in facts.items()}


def scene(
    persona: str,
    verdict: verdict_pb2.Verdict,
    audience: Audience,
    facts: Mapping[str, Fact],
    secrets: tuple[str, ...] = (),
) -> Scene:
    best, worst = extremes(verdict)
    return Scene(
        language=audience.language,
        facts=facts,
        names=frozenset(NAMES[audience.language].split()),
        lines=tuple(words_of(line.text) for line in verdict.lines),
        best=best,
        worst=worst,
        duration_s=max(verdict.duration_s, 1.0),
        content=_points(persona, verdict) >= GOOD,
        for_children=audience.for_children,
        secrets=secrets,
    )


def _points(persona: str, verdict: verdict_pb2.Verdict) -> float:
    facts = take_facts(verdict)
    return facts.scores.get(persona_of(persona).part, facts.scores.get("total", 0.0)) if facts.sung else 0.0


def _seed(grammar: verdict_pb2.Juror) -> int:
    """The same take asks the same; 31 bits, as servers take them."""
    return int.from_bytes(hashlib.sha256(grammar.comment.encode()).digest()[:4], "big") >> 1


def kept(drafts: Sequence[Draft], part: Brief) -> list[Draft]:
    """The sentences that are true of this take, each fact told once, in the model's order."""
    found: list[Draft] = []
    texts: set[tuple[str, ...]] = set()
    for draft in drafts:
        if why_refused(draft.text, draft.facts, part.scene) is None and words_of(draft.text) not in texts:
            found.append(draft)
            texts.add(words_of(draft.text))
    return found[:MAX_KEPT]


def written(drafts: Sequence[Draft], part: Brief, model: str) -> verdict_pb2.Juror | None:
    """The juror in the model's words; None where too little of them is left."""
    sentences = kept(drafts, part)
    language = part.scene.language
    if len(sentences) < LEAST_KEPT:
        return None
    told = [verdict_pb2.Sentence(text=_clean(draft.text, language), facts=draft.facts) for draft in sentences]
    claims = _claims(told, part.scene)
    if not claims:
        return None
    told.append(part.grammar.sentences[-1])  # the vote
    return verdict_pb2.Juror(
        persona=part.grammar.persona,
        name=part.grammar.name,
        vote=part.grammar.vote,
        comment=" ".join(sentence.text for sentence in told),
        claims=claims,
        sentences=told,
        told_by=model,
    )


def _clean(text: str, language: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return spaced(text if text[-1] in ".!?…" else f"{text}.", language)


def _claims(told: Sequence[verdict_pb2.Sentence], held: Scene) -> list[verdict_pb2.Claim]:
    """Of the cited facts those whose value a sentence says as the grammar would."""
    claims: dict[str, verdict_pb2.Claim] = {}
    for sentence in told:
        for fact in (held.facts[id_] for id_ in sentence.facts):
            value = fact.value(held.language) if fact.kind != "code" else ""
            if value and fact.path and re.search(rf"(?<![\w.,]){re.escape(value)}(?![\w]|[.,]\d)", sentence.text):
                claims[fact.id] = verdict_pb2.Claim(fact=fact.id, kind=fact.kind, value=value, path=fact.path)
    return list(claims.values())
