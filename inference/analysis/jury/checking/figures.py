"""Whether the cited facts hold a sentence's numbers, in the same unit and of the same thing."""

import re

from inference.analysis.jury.checking.amounts import Amount
from inference.analysis.jury.checking.scene import Scene, key
from inference.analysis.jury.checking.sentence import Said
from inference.analysis.jury.fact import Fact

MOMENTS = ("line.second", "note.second", "onset.second", "word.second", "technique.longest_second")
LENGTHS = ("duration", "filled", "technique.longest_s")
# How far an amount in one unit may hold a fact of a kind: the factor from the fact's unit to the said one.
FACTORS = {
    ("second", "second"): 1.0,
    ("second", "ms"): 0.001,
    ("ms", "ms"): 1.0,
    ("cents", "cents"): 1.0,
    ("cents", "semitones"): 100.0,
    ("semitones", "semitones"): 1.0,
    ("semitones", "cents"): 0.01,
    ("tones", "semitones"): 0.5,
    ("hz", "hz"): 1.0,
    ("db", "db"): 1.0,
    ("score", "score"): 1.0,
    ("", "score"): 1.0,
    ("percent", "percent"): 1.0,
    ("count", "count"): 1.0,
    ("ordinal", "ordinal"): 1.0,
    ("clock", "second"): 1.0,
    ("minute", "second"): 1.0 / 60.0,
}
LINE_NOUNS = ("ligne", "lignes", "vers", "phrase", "line", "phrase")
NOUN_WITHIN = 2  # tokens round the number
MINUTE_SLACK_S = 5.0
PART_WORDS = {
    "pitch": re.compile(r"\b(?:justesse|pitch|tuning|intonation|juste)\b"),
    "rhythm": re.compile(r"\b(?:ryth\w*|rhythm\w*|tempo|timing|cadence|mesure)\b"),
    "lyrics": re.compile(r"\b(?:paroles?|textes?|mots|lyrics?|words)\b"),
    "total": re.compile(r"\b(?:total\w*|en tout|in all|overall|note (?:finale|globale)|altogether|final)\b"),
}
SCOOPED = re.compile(r"\b(?:dessous|glissad\w*|glissé\w*|par (?:le|en) bas|scoop\w*|below|slid\w*|underneath)\b")
BREATHING = ("respir", "souffle", "breath", "inspir")
OF = ["de", "en", "pour", "à", "au", "aux", "du", "d", "for", "in", "on", "of", "at"]
AFTER_A_SCORE = ["et", "mais", "qui", "que", "c", "est", "dit", "and", "but", "is", "says", "says", "it"]
CLAUSES = re.compile(r"[,;:–—.!?]| et | and | mais | but | pour le | pour la ")


def figures_are_held(said: Said, scene: Scene) -> bool:
    return all(any(_holds(fact, amount, said) for fact in said.cited) for amount in said.amounts)


def scores_are_bound(said: Said) -> bool:
    """Each score that is told is told of its own part: a swapped one is a lie with a right number in it."""
    told = [amount for amount in said.amounts if amount.unit in ("score", "")]
    facts = [fact for fact in said.cited if fact.kind == "score"]
    named = {part for part, pattern in PART_WORDS.items() if pattern.search(said.plain)}
    if told and not named and any(fact.id.startswith("technique.") for fact in said.cited):
        return False
    if len({fact.subject for fact in facts if any(_value_fits(fact, amount) for amount in told)}) > 1:
        return False
    if len(told) <= 1:
        return not told or not named or any(_part(fact) in named for fact in facts if _value_fits(fact, told[0]))
    return _each_in_its_clause(said, facts)


def _each_in_its_clause(said: Said, facts: list[Fact]) -> bool:
    for clause in CLAUSES.split(re.sub(r"(?<=\d)[.,](?=\d)", "\u00b7", said.bare.lower())):
        numbers = re.findall(r"\d+(?:\u00b7\d+)?", re.sub(r"(?:sur|out of|/) ?100", "", clause))
        parts = {part for part, pattern in PART_WORDS.items() if pattern.search(clause)}
        held = {fact.value("en") for fact in facts if _part(fact) in parts}
        scores = [n.replace("\u00b7", ".") for n in numbers if _is_score(n.replace("\u00b7", "."), facts)]
        if len(scores) > 1 or any(not _written_fits(score, held) for score in scores):
            return False
    return True


def _is_score(written: str, facts: list[Fact]) -> bool:
    return _written_fits(written, {fact.value("en") for fact in facts})


def _written_fits(written: str, values: set[str]) -> bool:
    decimals = len(written.partition(".")[2])
    return any(abs(float(value) - float(written)) <= 0.5 * 10**-decimals + 1e-6 for value in values)


def _part(fact: Fact) -> str:
    return fact.id.rpartition(".")[2]


def _holds(fact: Fact, amount: Amount, said: Said) -> bool:
    return _value_fits(fact, amount) and _moment_fits(fact, amount, said) and _noun_fits(fact, amount, said)


def _value_fits(fact: Fact, amount: Amount) -> bool:
    factor = FACTORS.get((amount.unit, fact.kind))
    if factor is None or fact.number is None:
        return False
    value = abs(fact.number) * factor
    if amount.unit == "clock":
        return amount.value in (int(value), round(value))
    if amount.unit == "minute":
        return bool(abs(value - amount.value) * 60 <= MINUTE_SLACK_S)
    return bool(abs(value - amount.value) <= 0.5 * 10**-amount.decimals + 1e-6)


def _moment_fits(fact: Fact, amount: Amount, said: Said) -> bool:
    """A moment is not a length; and where a note is told, the moment is the note's, not its line's."""
    name = key(fact)
    if fact.kind != "second":
        return True
    if name in LENGTHS:
        return not (amount.placed or amount.unit == "clock") or name == "duration"
    specific = [cited for cited in said.cited if key(cited) in ("note.cents", "onset.ms", "word.text")]
    if name == "line.second" and specific:
        return False
    lengths = [cited for cited in said.cited if key(cited) in LENGTHS]
    return amount.placed or amount.unit == "clock" or not lengths


def _noun_fits(fact: Fact, amount: Amount, said: Said) -> bool:
    """ "The third line", not "the third word"; "seven scoops", not "seven breaths"."""
    around = said.tokens[max(0, amount.at - NOUN_WITHIN) : amount.at + NOUN_WITHIN + 3]
    if amount.unit == "ordinal":
        return any(token in LINE_NOUNS for token in around)
    if key(fact) == "technique.breaths":
        return any(token.startswith(BREATHING) for token in around)
    if key(fact) == "technique.scoops":
        return bool(SCOOPED.search(said.plain)) and not any(token.startswith(BREATHING) for token in around)
    return amount.unit != "" or _is_of_a_part(amount, said)


def _is_of_a_part(amount: Amount, said: Said) -> bool:
    """A number without a unit counts nothing: "71 for tuning", "71, darling", but not "71 wrong notes"."""
    following = said.tokens[amount.at + 1 : amount.at + 5]
    if not following or not following[0][0].isalpha() or following[0] in AFTER_A_SCORE:
        return True
    return following[0] in OF and any(pattern.search(" ".join(following)) for pattern in PART_WORDS.values())
