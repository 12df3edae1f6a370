"""Three comments on one take. The same take gets the same words; every number in them can be looked up."""

import hashlib
import random
import re
from collections.abc import Iterable

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.fact import Fact
from inference.analysis.jury.facts import TakeFacts, take_facts
from inference.analysis.jury.grammar import NARROW_SPACE, Slots, spaced
from inference.analysis.jury.grammars import LANGUAGES, slots_of
from inference.analysis.jury.personas import PERSONAS, Persona

__all__ = ["LANGUAGES", "NARROW_SPACE", "jurors", "known_language"]
GRAMMAR = "grammar"  # who told, where no model did
QUOTED = ("line", "second", "cents", "word")  # each juror tells one of these at least
OF_LINES = ("best", "worst", "steady", "shaky", "flat", "sharp", "late", "early", "word")  # slots that quote a line
BLAME_WHEN_GREAT = 0.3  # share of enchanted jurors who still find something
NAME = re.compile(r"\{(\w+)\}")
ONE = {
    "fr": re.compile(r"(?<![\d,])([01](?:,\d)?) (seconde|demi-ton|cent)s\b"),
    "en": re.compile(r"(?<![\d.])(1) (second|semitone|cent)s\b"),
}


def known_language(language: str) -> str:
    return language if language in LANGUAGES else "fr"


def jurors(
    verdict: verdict_pb2.Verdict, language: str, sound: bytes = b"", for_children: bool = False
) -> list[verdict_pb2.Juror]:
    """The jury's votes and comments, French where the language is not known; `sound` is a hash of what was sung.

    How kindly they are follows the verdict's level.
    """
    language = known_language(language)
    told: set[int] = set()  # the lines that somebody spoke of
    return [_Speaker(persona, verdict, language, sound, told, for_children).speak() for persona in PERSONAS]


def _seed(persona: Persona, verdict: verdict_pb2.Verdict, sound: bytes) -> int:
    """The take decides, not a clock: its session, its sound and its evidence."""
    evidence = verdict_pb2.Verdict(session_id=verdict.session_id, lines=verdict.lines, curve=verdict.curve)
    written = b"\0".join((persona.id.encode(), sound, evidence.SerializeToString(deterministic=True)))
    return int.from_bytes(hashlib.sha256(written).digest()[:8], "big")


class _Speaker:
    """One juror, speaking once. Avoids the lines in `told`, and adds its own."""

    def __init__(
        self,
        persona: Persona,
        verdict: verdict_pb2.Verdict,
        language: str,
        sound: bytes,
        told: set[int],
        for_children: bool,
    ) -> None:
        self._persona = persona
        self._verdict = verdict
        self._language = language
        self._told = told
        self._grammar: Slots = slots_of(persona.id, language, verdict.level, for_children)
        self._dice = random.Random(_seed(persona, verdict, sound))
        self._sentences: list[verdict_pb2.Sentence] = []
        self._claims: list[verdict_pb2.Claim] = []

    def speak(self) -> verdict_pb2.Juror:
        facts = take_facts(self._verdict)
        sung = facts.sung and "total" in facts.scores
        vote = sung and self._persona.votes_yes(facts)
        if "total" not in facts.scores:
            self._say_all(("lost", "lost.advice", "back"), facts)
        elif not sung:
            self._say_silence(facts)
        else:
            self._say_judgement(facts, vote)
        return verdict_pb2.Juror(
            persona=self._persona.id,
            name=self._persona.name[self._language],
            vote=vote,
            comment=" ".join(sentence.text for sentence in self._sentences),
            claims=self._claims,
            sentences=self._sentences,
            told_by=GRAMMAR,
        )

    def _say_silence(self, facts: TakeFacts) -> None:
        self._say("silent", facts)
        if not self._say("silent.line", facts):
            self._say("silent.fact", facts)
        self._say("back", facts)

    def _say_judgement(self, facts: TakeFacts, vote: bool) -> None:
        mood = self._persona.mood(facts)
        self._say(mood, facts)
        if not self._say("score", facts):
            self._say("score.total", facts)
        self._say_details(mood)
        self._say("yes" if vote else "no", facts)

    def _say_details(self, mood: str) -> None:
        """Praise first where it was good; each on a line that nobody spoke of yet, as long as there are any."""
        praise, critique = (self._dice.sample(s, len(s)) for s in (self._persona.praise, self._persona.critique))
        kinds = [praise, critique] if mood in ("great", "good") else [critique, praise]
        if mood == "great" and self._dice.random() >= BLAME_WHEN_GREAT:
            kinds = [praise]
        for slots in kinds:
            self._say_first(slots, take_facts(self._verdict, self._told))
        for told in (self._told, set()):  # better a line that was told than none
            if not self._quotes():
                self._say_first((slot for slot in kinds[0] if slot in OF_LINES), take_facts(self._verdict, told))
        if not self._quotes():
            self._say("time", take_facts(self._verdict))

    def _quotes(self) -> bool:
        return any(claim.kind in QUOTED for claim in self._claims)

    def _say_first(self, slots: Iterable[str], facts: TakeFacts) -> bool:
        return any(self._say(slot, facts) for slot in slots if slot in facts.slots)

    def _say_all(self, slots: Iterable[str], facts: TakeFacts) -> None:
        for slot in slots:
            self._say(slot, facts)

    def _say(self, slot: str, facts: TakeFacts) -> bool:
        """One sentence of the slot whose facts this take has; False where there is none."""
        told = {claim.fact for claim in self._claims}  # a fact is told once
        known = {name for name, fact in facts.facts.items() if fact.id not in told}
        sentences = [s for s in self._grammar.get(slot, ()) if known.issuperset(NAME.findall(s))]
        if not sentences:
            return False
        before = len(self._claims)
        text = self._filled(self._dice.choice(sentences), facts)
        cited = [claim.fact for claim in self._claims[before:]]
        self._sentences.append(verdict_pb2.Sentence(text=text, facts=cited))
        return True

    def _filled(self, sentence: str, facts: TakeFacts) -> str:
        """The sentence with its facts; each becomes a claim."""

        def say(match: re.Match[str]) -> str:
            fact = facts.facts[match[1]]
            self._claims.append(self._claim(fact))
            if fact.line is not None:
                self._told.add(fact.line)
            return fact.value(self._language)

        return ONE[self._language].sub(r"\1 \2", NAME.sub(say, spaced(sentence, self._language)))

    def _claim(self, fact: Fact) -> verdict_pb2.Claim:
        return verdict_pb2.Claim(fact=fact.id, kind=fact.kind, value=fact.value(self._language), path=fact.path)
