"""What a juror can say: for each slot the sentences to choose from; {names} in them are facts of the take.

Slots: `great` to `weak` open by what the juror feels; `silent`, `lost` and `back` speak of takes without a voice;
`score` tells the juror's own part; `yes` and `no` the vote; the others are details, each with the facts it needs.
"""

import re

Slots = dict[str, tuple[str, ...]]
Grammar = dict[str, Slots]  # by persona
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
BEFORE_SIGN = re.compile(r"[ \u00a0](?=[!?:;»])|(?<=«)[ \u00a0]")


def spaced(text: str, language: str) -> str:
    """French signs stand behind a narrow space that does not break."""
    return BEFORE_SIGN.sub(NARROW_SPACE, text) if language == "fr" else text


def with_more(grammar: Grammar, more: Grammar) -> Grammar:
    """Each slot with the further sentences for it."""
    return {
        persona: {
            slot: slots.get(slot, ()) + more[persona].get(slot, ()) for slot in slots.keys() | more[persona].keys()
        }
        for persona, slots in grammar.items()
    }
