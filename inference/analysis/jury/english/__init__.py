"""The jury in English."""

from inference.analysis.jury.english import diva, grand_mere, metronome
from inference.analysis.jury.grammar import Grammar

GRAMMAR: Grammar = {"diva": diva.SLOTS, "metronome": metronome.SLOTS, "grand-mere": grand_mere.SLOTS}
