"""Whether the cited facts hold what a sentence claims in words: lines, technique, direction, praise, extremes."""

import re

from inference.analysis.jury.checking.forbidden import BLAME, NEGATED, PRAISE
from inference.analysis.jury.checking.scene import LEAST_RUN, Scene, key, runs, words_of
from inference.analysis.jury.checking.sentence import Said
from inference.analysis.jury.checking.terms import TERMS, Term
from inference.analysis.jury.fact import Fact
from inference.analysis.jury.technique import STILL_CENTS

STEADY = re.compile(r"\b(?:stables?|stabilité parfaite|immobiles?|steady|stable|firm|rock|still|motionless|roc)\b")
SHAKY = re.compile(
    r"\b(?:trembl\w+|instab\w+|vacill\w+|chancel\w+|flott\w+|unsteady|unstable|shak\w+|wobbl\w+"
    r"|waver\w*)\b"
)
IN_TUNE = re.compile(r"\b(?:justes?|in tune|on pitch|accordée?s?|spot on|right on)\b")
ON_TIME = re.compile(
    r"\b(?:à l heure|en place|en mesure|pile|ponctu\w+|on time|in time|punctual\w*|on the beat"
    r"|spot on)\b"
)
OF_A_PLACE = ("line.pitch", "line.rhythm", "line.lyrics", "note.cents", "onset.ms")
LINE_NOUN = re.compile(r"\b(?:lignes?|vers|phrases?|lines?)\b")
ONE_NOTE = re.compile(r"\b(?:une|cette|one|that|a) (?:\w+ )?note\b|\bnote (?:qui|that)\b")
ROUNDED = 0.51  # a number that may be a rounded one
GOOD, FINE = 60.0, 85.0  # of 100: below the one nothing is praised, from the other on nothing blamed
NEAR_WORDS = 3  # between a negation and what it denies
SPECIFIC = ("note", "onset", "word")
ERRORS = ("note.cents", "onset.ms", "word.text", "technique.attack_cents", "technique.scoops",
          "technique.stability_cents")  # fmt: skip
LOST = re.compile(
    r"\b(?:entendu\w*|manqu\w*|oubli\w*|perdu\w*|disparu\w*|aval\w+|absent\w*|missing|missed|forgot\w*|heard|lost"
    r"|swallow\w*"
    r"|skipped|dropped|vanish\w*|never came)\b"
)
LOW = re.compile(
    r"\b(?:trop bas|plus bas|en bas|dessous|sous|bémol\w*|basse?s?|flat\w*|too low|below|under|lower|beneath)\b"
)
HIGH = re.compile(r"\b(?:trop haut|plus haut|en haut|dessus|au dessus|haute?s?|sharp\w*|too high|above|over|higher)\b")
LATE = re.compile(
    r"\b(?:retard\w*|tard|tardi\w+|traîn(?:ez|é|ée|er|ant|ait|aient)|après|late\w*|lag\w*|behind|delay\w*|after"
    r"|dragg?\w*)\b"
)
EARLY = re.compile(r"\b(?:avance\w*|tôt|précipit\w+|avant|early|ahead|rush\w*|before|hurried|pressée?s?)\b")
BEST = re.compile(
    r"\b(?:meilleure?s?|plus (?:belles?|beau|bel|beaux|réussi\w*|solide\w*)|best|finest|strongest|sommet"
    r"|highlight|peak|top)\b"
)
WORST = re.compile(r"\b(?:pires?|plus (?:faibles?|fragiles?|loin|grand\w*)|moins (?:bonne?s?|juste\w*|belle\w*"
r"|réussi\w*)|worst|weakest|furthest|poorest|largest|biggest|lowest)\b")  # fmt: skip
OTHER_EXTREME = re.compile(
    r"\b(?:(?:le|la|les|votre|ta|ton|vos|tes) (?:plus|moins)|the (?:most|least)|your (?:most|least))\b"
)
PLACES = (
    (re.compile(r"\b(?:au début|dès le début|d entrée|d emblée|at the (?:start|beginning|outset)|opening|early"
    r" on)\b"), (0.0, 0.34)),
    (re.compile(r"\b(?:au milieu|à mi (?:chanson|parcours|chemin)|halfway|in the middle|midway)\b"), (0.3, 0.7)),
    (re.compile(r"\b(?:à la (?:toute )?fin|en fin de|la dernière|le dernier|at the (?:very )?end|closing|the last"
    r"|final)\b"), (0.66, 1.01)),
)  # fmt: skip


def quotes_are_held(said: Said, scene: Scene) -> bool:
    """Each quote stands, word for word, in a cited line, word or title; of a line whole where a note of it is told."""
    placed = any(key(fact) in ("note.cents", "onset.ms") for fact in said.cited)
    texts = [words_of(fact.text) for fact in said.cited if fact.kind in ("line", "word", "title")]
    lost = [words_of(fact.text) for fact in said.cited if fact.kind == "word"]
    quotes = [words_of(quote) for quote in said.quotes]
    if (LOST.search(said.plain) or lost) and any(len(quote) == 1 and quote not in lost for quote in quotes):
        return False
    return all(
        quote and any(quote == text or (not placed and quote in runs(text, len(quote))) for text in texts)
        for quote in quotes
    )


def lines_are_held(said: Said, scene: Scene) -> bool:
    """No row of words of a line that the sentence does not cite, quoted or not."""
    cited = {fact.line for fact in said.cited}
    known: set[tuple[str, ...]] = set()
    for index, line in enumerate(scene.lines):
        if index in cited:
            known |= runs(line, LEAST_RUN)
    spoken = runs(words_of(said.bare), LEAST_RUN)
    others = {row for index, line in enumerate(scene.lines) if index not in cited for row in runs(line, LEAST_RUN)}
    return not spoken & (others - known)


def one_subject(said: Said) -> bool:
    """Of one line, and of one note, onset or word in it; or of one side of the technique or of the take: nothing can
    be swapped. A score of the take goes with anything.
    """
    lines = {fact.line for fact in said.cited if fact.line is not None}
    specific = {fact.id.rpartition(".")[0] for fact in said.cited if fact.id.startswith(SPECIFIC)}
    sides = {fact.subject for fact in said.cited if fact.id.startswith("technique.")}
    others = {fact.id for fact in said.cited if fact.subject == "take" and fact.kind not in ("score", "title")}
    return len(lines) <= 1 and len(specific) <= 1 and len(sides) + len(lines) + len(others) <= 1


def terms_in(said: Said, scene: Scene) -> list[tuple[Term, re.Match[str]]]:
    return [(term, match) for term in TERMS[scene.language] for match in term.pattern.finditer(said.plain)]


def terms_are_held(said: Said, scene: Scene) -> bool:
    """Every word of the trade is held by a fact of its kind, and none that was measured is denied."""
    keys = {key(fact) for fact in said.cited}
    for term, match in terms_in(said, scene):
        if not keys.intersection(term.keys):
            return False
        before = " ".join(said.plain[: match.start()].split()[-NEAR_WORDS:])
        if NEGATED[scene.language].search(before) and not _may_be_denied(said.cited):
            return False
    return True


def _may_be_denied(cited: tuple[Fact, ...]) -> bool:
    """A missing word, a weak score or an error is told by a negation; a vibrato is not."""
    return any(
        key(fact) in ("word.text", "note.cents", "onset.ms")
        or (fact.kind == "score" and fact.number is not None and fact.number < FINE)
        for fact in cited
    )


def qualities_are_held(said: Said) -> bool:
    """What is told as an error is not called right, and what stands still not called shaky, nor the other way round."""
    numbers = {key(fact): fact.number for fact in said.cited if fact.number is not None}
    steady = numbers.get("technique.stability_cents")
    if steady is not None and (STEADY if steady > STILL_CENTS else SHAKY).search(said.plain):
        return False
    if "note.cents" in numbers and IN_TUNE.search(said.plain):
        return False
    return not ("onset.ms" in numbers and ON_TIME.search(said.plain))


def places_are_told(said: Said) -> bool:
    """One line's score and one note's error are told as such: at a second, by its words, or as a line or a note."""
    told = [fact for fact in said.cited if key(fact) in OF_A_PLACE and _is_told(fact, said)]
    if not told or said.quotes or LINE_NOUN.search(said.plain):
        return True
    if any(amount.unit == "clock" or (amount.unit == "second" and amount.placed) for amount in said.amounts):
        return True
    return all(key(fact) == "note.cents" for fact in told) and bool(ONE_NOTE.search(said.plain))


def _is_told(fact: Fact, said: Said) -> bool:
    value = fact.number
    return value is not None and any(abs(abs(value) - amount.value) <= ROUNDED for amount in said.amounts)


def directions_are_held(said: Said) -> bool:
    """Flat and sharp, late and early are as measured; nobody says so where no direction was measured."""
    pitch = [f.number for f in said.cited if key(f) in ("note.cents", "technique.attack_cents", "key") and f.number]
    time = [f.number for f in said.cited if key(f) == "onset.ms" and f.number]
    return _direction(said, LOW, HIGH, pitch) and _direction(said, EARLY, LATE, time)


def _direction(said: Said, less: re.Pattern[str], more: re.Pattern[str], numbers: list[float]) -> bool:
    if not numbers:
        return True  # the terms themselves ask for a fact
    return not (less.search(said.plain) and min(numbers) > 0) and not (more.search(said.plain) and max(numbers) < 0)


def praise_is_earned(said: Said, scene: Scene) -> bool:
    """Praise where what is told is good or the juror content; blame where something is not fine."""
    scores = _scores_told(said, scene)
    errors = [fact for fact in said.cited if key(fact) in ERRORS]
    earned = not errors and (max(scores) >= GOOD if scores else scene.content)
    if PRAISE.search(said.plain) and not earned:
        return False
    if BLAME.search(said.plain) and not errors:
        return bool(scores) and min(scores) < FINE
    return True


def _scores_told(said: Said, scene: Scene) -> list[float]:
    """Those that are cited; of a line that is told without them, its own."""
    cited = [fact.number for fact in said.cited if fact.kind == "score" and fact.number is not None]
    lines = [fact.line for fact in said.cited if fact.line is not None]
    own = (scene.facts.get(f"line.{line}.{part}") for line in lines[:1] for part in ("pitch", "rhythm"))
    return cited or [fact.number for fact in own if fact is not None and fact.number is not None]


def extremes_are_held(said: Said, scene: Scene) -> bool:
    """ "The best line" is the one of most points: in the part that is told, or in tuning or rhythm where none is."""
    ids = {fact.id for fact in said.cited}
    told = {fact.id for fact in said.cited if fact.kind == "score"}
    subjects = {fact.id.rpartition(".")[0] for fact in said.cited} - {"", "technique"}

    def meant(extremes: frozenset[str]) -> bool:
        if told:
            return bool(told & extremes)
        alike = {id_.rpartition(".")[0] for id_ in extremes if not id_.endswith(".lyrics")}
        return bool(ids & extremes or subjects & alike)

    if BEST.search(said.plain) and not meant(scene.best):
        return False
    if WORST.search(said.plain) and not meant(scene.worst):
        return False
    return not OTHER_EXTREME.search(said.plain) or meant(scene.best | scene.worst)


def places_are_held(said: Said, scene: Scene) -> bool:
    """The beginning, the middle and the end are where the cited moment lies."""
    moments = [
        f.number / scene.duration_s for f in said.cited if f.kind == "second" and f.line is not None and f.number
    ]
    for pattern, (first, last) in PLACES:
        if pattern.search(said.plain) and not any(first <= moment <= last for moment in moments):
            return False
    return True


def says_something(said: Said, scene: Scene) -> bool:
    """A number, a quote or a word of the trade that a cited fact holds: otherwise it is about nothing that was sung."""
    return bool(said.amounts or said.quotes or terms_in(said, scene))
