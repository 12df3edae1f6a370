"""French words made alike: elisions, what is spoken instead of what is written, and endings that sound the same."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from inference.domain.lyrics_token import Token

ELIDED = {
    "l": "le",
    "d": "de",
    "j": "je",
    "m": "me",
    "t": "te",
    "s": "se",
    "c": "ce",
    "n": "ne",
    "qu": "que",
    "jusqu": "jusque",
    "lorsqu": "lorsque",
    "puisqu": "puisque",
    "quoiqu": "quoique",
    "quelqu": "quelque",
    "presqu": "presque",
}
ELISION = re.compile(rf"({'|'.join(sorted(ELIDED, key=len, reverse=True))})'(.*)")
ONE = frozenset(["un", "une"])
INVERTED = frozenset(["il", "ils", "elle", "elles", "on"])  # after the t of "a-t-il", which is no word
WHOLE = frozenset(["aujourd'hui", "prud'homme", "prud'hommes"])  # one word, whatever stands in it
SPOKEN = {
    "y'a": "y a",
    "ya": "y a",
    "y'avait": "y avait",
    "y'en": "y en",
    "s'il": "si il",
    "s'ils": "si ils",
    "t'as": "tu as",
    "t'es": "tu es",
    "t'avais": "tu avais",
    "t'étais": "tu étais",
    "t'auras": "tu auras",
    "t'aurais": "tu aurais",
    "t'seras": "tu seras",
    "chuis": "je suis",
    "chui": "je suis",
    "ch'suis": "je suis",
    "chais": "je sais",
    "ptit": "petit",
    "p'tit": "petit",
    "ptite": "petite",
    "p'tite": "petite",
    "ptits": "petits",
    "p'tits": "petits",
    "p'tites": "petites",
    "v'là": "voilà",
    "p't": "peut",  # p't-être
    "ptet": "peut être",
    "ptêt": "peut être",
    "p'têt": "peut être",
    "p'tet": "peut être",
    "pasque": "parce que",
    "quat'": "quatre",
    "aut'": "autre",
    "not'": "notre",
    "vot'": "votre",
    "&": "et",
    "%": "pour cent",
    "cest": "ce est",  # lyrics typed without apostrophes
    "jai": "je ai",
    "quil": "que il",
    "quils": "que ils",
    "quon": "que on",
    "vingts": "vingt",  # the s of the plural is written for 80 and not for 81
    "cents": "cent",
}
HOMOPHONES = {
    "ils": "il",
    "ses": "ces",
    "sa": "ça",
    "aux": "au",
    "est": "et",
    "mais": "mes",
    "ont": "on",
    "sont": "son",
    "peut": "peu",
    "peux": "peu",
    "voit": "voi",
    "voix": "voi",
    "vois": "voi",
}  # of the commonest words: what is heard does not tell which is meant
HAVE = frozenset(["a", "avait", "aura", "aurait", "eut", "en", "ait"])  # what follows "y" in "il y a"
SUBJECTS = frozenset(
    ["il", "ils", "elle", "elles", "on", "je", "tu", "nous", "vous", "qui", "ça", "me", "te", "se", "lui"]
)
TEEN_HUNDREDS = {"onze": "", "douze": "deux", "treize": "trois", "quatorze": "quatre", "quinze": "cinq", "seize": "six"}


def expand(chunk: str) -> list[str]:
    """The words of one written chunk, which is lower case: "j't'aime" is je, te, aime."""
    if chunk in SPOKEN:
        return SPOKEN[chunk].split()
    if chunk in WHOLE:
        return [chunk]
    elided = ELISION.fullmatch(chunk)
    if elided:
        return [ELIDED[elided[1]], *expand(elided[2])]
    pieces = [piece for piece in chunk.split("'") if piece]
    return pieces if pieces == [chunk] else [word for piece in pieces for word in expand(piece)]


def settle(tokens: Sequence[Token]) -> list[Token]:
    """What needs its neighbours: "l" for "l'", the "ne" that is not spoken, "il y a", "dix-neuf cent" for a year."""
    return _years(_there_is([token for token in _elided(tokens) if token.text != "ne"]))


def _elided(tokens: Sequence[Token]) -> list[Token]:
    """A letter that stands alone before a word is the elision whose apostrophe was not written: "l école"."""
    out: list[Token] = []
    following = {True: "", False: ""}  # what is optional is no neighbour of what is not
    for token in reversed(tokens):
        after, text = following[token.optional], token.text
        if text in ELIDED and after and not (text == "t" and after in INVERTED):
            text = SPOKEN.get(f"{text}'{after}", ELIDED[text]).split()[0]
        out.append(replace(token, text=text))
        following[token.optional] = text
    return out[::-1]


def _there_is(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1].text if place + 1 < len(tokens) else ""
        if token.text == "y" and following in HAVE and not (out and out[-1].text in SUBJECTS):
            out.append(replace(token, text="il"))
        out.append(token)
    return out


def _years(tokens: list[Token]) -> list[Token]:
    """ "dix neuf cent" and "mille neuf cent", "onze cent" and "mille cent" are the same number."""
    out: list[Token] = []
    for place, token in enumerate(tokens):
        following = [other.text for other in tokens[place + 1 : place + 3]]
        before = out[-1].text if out else ""
        if token.text in TEEN_HUNDREDS and following[:1] == ["cent"] and before not in ("soixante", "vingt", "et"):
            rest = TEEN_HUNDREDS[token.text]
            out += [replace(token, text=text) for text in ("mille", rest) if text]
        elif (
            token.text == "dix"
            and following in (["sept", "cent"], ["huit", "cent"], ["neuf", "cent"])
            and before not in ("soixante", "vingt")
        ):
            out.append(replace(token, text="mille"))
        else:
            out.append(token)
    return out


@lru_cache(maxsize=1 << 14)
def sound(word: str) -> str:
    """A spelling for what is heard alike: "chantent" and "chantes" as "chante", "aimées" and "aimer" as "aimé"."""
    if len(word) < 4 or word in HOMOPHONES:
        return HOMOPHONES.get(word, word)
    word = re.sub(r"(er|ez)$", "é", word)
    word = re.sub(r"(ais|ait|aient)$", "ai", word)
    word = re.sub(r"(?<=\w\w)ent$", "e", word)
    word = re.sub(r"[sx]$", "", word)
    return re.sub(r"(?<=\w\w[éiu])e$", "", word)
