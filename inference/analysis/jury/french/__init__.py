"""The jury in French."""

from inference.analysis.jury.french import diva, grand_mere, metronome
from inference.analysis.jury.grammar import Grammar

GRAMMAR: Grammar = {"diva": diva.SLOTS, "metronome": metronome.SLOTS, "grand-mere": grand_mere.SLOTS}
