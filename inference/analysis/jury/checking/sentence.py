"""One sentence on the table: its words, its quotes, its numbers and the facts that it cites."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from inference.analysis.jury.checking.amounts import Amount, amounts, tokens_of
from inference.analysis.jury.checking.scene import Scene
from inference.analysis.jury.fact import Fact

QUOTES = re.compile(
    r"«([^«»]*)»|“([^“”„]*)[”“]|„([^“”„]*)[“”]|\"([^\"]*)\"|‹([^‹›]*)›|(?<!\w)[‘']([^‘’']*(?:(?<=\w)['’](?=\w)[^‘’']*)*)['’](?!\w)"
)
QUOTE_SIGNS = re.compile(r"[«»“”„\"‹›‘`´]|(?<!\w)['’]|['’](?!\w)")
HOLE = " … "  # where a quote stood


@dataclass(frozen=True, slots=True)
class Said:
    """`plain` is lower case without quotes and signs; `bare` is the text without its quotes."""

    text: str
    bare: str
    plain: str
    quotes: tuple[str, ...]
    amounts: tuple[Amount, ...]
    tokens: tuple[str, ...]
    cited: tuple[Fact, ...]
    unknown: tuple[str, ...]  # cited ids that are no facts


def read(text: str, ids: Sequence[str], scene: Scene) -> Said:
    text = unicodedata.normalize("NFKC", text.replace("…", "\u2026")).strip()
    quotes = tuple(next(part for part in match.groups() if part is not None).strip() for match in QUOTES.finditer(text))
    bare = QUOTES.sub(HOLE, text)
    tokens = tokens_of(bare, scene.language)
    cited = tuple(scene.facts[id_] for id_ in dict.fromkeys(ids) if id_ in scene.facts)
    return Said(
        text=text,
        bare=bare,
        plain=" ".join(token for token in tokens if token[0].isalnum()),
        quotes=quotes,
        amounts=tuple(amounts(tokens, scene.language)),
        tokens=tuple(tokens),
        cited=cited,
        unknown=tuple(id_ for id_ in ids if id_ not in scene.facts),
    )
