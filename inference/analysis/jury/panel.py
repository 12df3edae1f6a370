"""Three comments on one take. The same take gets the same words; every number in them can be looked up."""

import hashlib
import random
import re

from voicejury.v1 import verdict_pb2

from inference.analysis.jury import english, french
from inference.analysis.jury.facts import Fact, TakeFacts, take_facts
from inference.analysis.jury.personas import PERSONAS, Persona

LANGUAGES = {"fr": french.GRAMMAR, "en": english.GRAMMAR}
GREAT, GOOD, FAIR = 85.0, 65.0, 40.0
DETAILS = 2  # facts beside the juror's own score
EXACT_DECIMALS = 2
SLOT = re.compile(r"\{(\w+)\}")
DECIMALS = {"cents": 0, "ms": 0, "second": 1, "semitones": 0}


def jurors(verdict: verdict_pb2.Verdict, language: str) -> list[verdict_pb2.Juror]:
    """The jury's votes and comments; French where the language is not known."""
    language = language if language in LANGUAGES else "fr"
    facts = take_facts(verdict)
    return [_juror(persona, verdict, facts, language) for persona in PERSONAS]


def _juror(persona: Persona, verdict: verdict_pb2.Verdict, facts: TakeFacts, language: str) -> verdict_pb2.Juror:
    dice = random.Random(_seed(persona, verdict))
    templates = _chosen(persona, facts, language, dice)
    claims: list[verdict_pb2.Claim] = []
    sentences = [_filled(template, facts, persona, language, claims) for template in templates]
    return verdict_pb2.Juror(
        persona=persona.id,
        name=persona.name[language],
        vote=persona.votes_yes(facts),
        comment=" ".join(sentences),
        claims=claims,
    )


def _seed(persona: Persona, verdict: verdict_pb2.Verdict) -> int:
    """The take's evidence decides, not a clock."""
    evidence = verdict_pb2.Verdict(session_id=verdict.session_id, lines=verdict.lines, curve=verdict.curve)
    digest = hashlib.sha256(persona.id.encode() + evidence.SerializeToString(deterministic=True)).digest()
    return int.from_bytes(digest[:8], "big")


def mood(persona: Persona, facts: TakeFacts) -> str:
    """What the juror feels, by the part that this juror listens to."""
    if "total" not in facts.scores:
        return "unmeasured"
    if not facts.sung:
        return "silent"
    points = facts.scores.get(persona.part, facts.scores["total"])
    return "great" if points >= GREAT else "good" if points >= GOOD else "fair" if points >= FAIR else "weak"


def _chosen(persona: Persona, facts: TakeFacts, language: str, dice: random.Random) -> list[str]:
    """An opening, the juror's own score, details, a farewell: only templates whose facts this take has."""
    grammar = LANGUAGES[language][persona.id]
    feeling = mood(persona, facts)
    opening = _pick(grammar["opening." + feeling], facts, dice)
    if feeling in ("unmeasured", "silent"):
        return opening
    own = _pick(grammar["score"], facts, dice) or _pick(grammar["score.total"], facts, dice)
    always = _pick(grammar.get("always", ()), facts, dice)  # what no two takes share
    told = {name for template in own + always for name in SLOT.findall(template)}
    details = [*grammar["detail"], *(t for flag in sorted(facts.flags) for t in grammar.get("detail." + flag, ()))]
    fresh = [template for template in details if not told & set(SLOT.findall(template))]
    farewell = _pick(grammar["farewell." + feeling], facts, dice)
    return opening + own + always + _pick(fresh, facts, dice, DETAILS) + farewell


def _pick(templates: tuple[str, ...] | list[str], facts: TakeFacts, dice: random.Random, count: int = 1) -> list[str]:
    usable = [template for template in templates if all(name in facts.facts for name in SLOT.findall(template))]
    picked: list[str] = []
    told: set[str] = set()
    for template in dice.sample(usable, len(usable)):
        names = set(SLOT.findall(template))
        if len(picked) < count and not names & told:  # a fact is told once
            picked.append(template)
            told |= names
    return picked


def _filled(template: str, facts: TakeFacts, persona: Persona, language: str, claims: list[verdict_pb2.Claim]) -> str:
    """The sentence with its facts; each becomes a claim."""

    def say(match: re.Match[str]) -> str:
        fact = facts.facts[match[1]]
        value = _spoken(fact, persona, language)
        claims.append(verdict_pb2.Claim(fact=fact.id, kind=fact.kind, value=value, path=fact.path))
        return value

    return SLOT.sub(say, template)


def _spoken(fact: Fact, persona: Persona, language: str) -> str:
    decimals = EXACT_DECIMALS if fact.id == "exact_cents" else DECIMALS.get(fact.kind, persona.decimals)
    return fact.value(language, decimals)
