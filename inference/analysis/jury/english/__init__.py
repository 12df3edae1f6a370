"""The jury in English: as it speaks at level normal, more gently, more dryly, and to children."""

from inference.analysis.jury.english import children, children_moods, diva, grand_mere, metronome, moods, tones
from inference.analysis.jury.grammar import Grammar, with_more

GRAMMAR: Grammar = with_more(
    {"diva": diva.SLOTS, "metronome": metronome.SLOTS, "grand-mere": grand_mere.SLOTS}, moods.MORE
)
KIND, STRICT = tones.KIND, tones.STRICT
FOR_CHILDREN = with_more(children.GRAMMAR, children_moods.MORE)
