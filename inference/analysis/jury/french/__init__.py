"""The jury in French: as it speaks at level normal, more gently, more dryly, and to children."""

from inference.analysis.jury.french import children, diva, grand_mere, metronome, tones
from inference.analysis.jury.grammar import Grammar

GRAMMAR: Grammar = {"diva": diva.SLOTS, "metronome": metronome.SLOTS, "grand-mere": grand_mere.SLOTS}
KIND, STRICT = tones.KIND, tones.STRICT
FOR_CHILDREN = children.GRAMMAR
