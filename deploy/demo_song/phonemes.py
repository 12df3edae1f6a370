"""The sounds of French as a small voice makes them: formants of vowels, shapes of consonants."""

from dataclasses import dataclass

FORMANT_COUNT = 5
UPPER_FORMANTS_HZ = (3800.0, 4800.0)
BANDWIDTHS_HZ = (130.0, 120.0, 140.0, 220.0, 300.0)

# F1, F2, F3 in Hz of a high voice.
VOWELS: dict[str, tuple[float, float, float]] = {
    "i": (310, 2450, 3250),
    "e": (410, 2300, 3000),
    "ɛ": (590, 2050, 2900),
    "a": (740, 1450, 2750),
    "ɔ": (600, 1080, 2750),
    "o": (430, 850, 2700),
    "u": (330, 800, 2600),
    "y": (310, 1950, 2650),
    "ø": (420, 1600, 2600),
    "ə": (480, 1550, 2650),
    "ɑ̃": (680, 1050, 2700),
    "ɔ̃": (480, 820, 2700),
    "œ̃": (620, 1600, 2650),
}


@dataclass(frozen=True, slots=True)
class Consonant:
    """How long it lasts, how much voice goes on, and the noise that it makes."""

    duration_s: float
    voice: float  # gain of the voice, 0..1
    formants_hz: tuple[float, float, float]
    noise: float = 0.0  # gain of the noise
    noise_band_hz: tuple[float, float] = (2000.0, 6000.0)
    burst: bool = False  # the noise comes only in the last 15 ms, after a closure
    glide: bool = False  # sounds after the note's onset, not before


CONSONANTS: dict[str, Consonant] = {
    "p": Consonant(0.060, 0.0, (400, 900, 2400), 0.25, (500, 2500), burst=True),
    "t": Consonant(0.060, 0.0, (400, 1700, 2700), 0.35, (2500, 7500), burst=True),
    "k": Consonant(0.060, 0.0, (400, 1900, 2400), 0.30, (1400, 4000), burst=True),
    "d": Consonant(0.050, 0.08, (350, 1700, 2600), 0.18, (2500, 7000), burst=True),
    "f": Consonant(0.080, 0.0, (400, 1200, 2400), 0.10, (1500, 8000)),
    "ʃ": Consonant(0.085, 0.0, (400, 1800, 2600), 0.22, (1800, 6000)),
    "v": Consonant(0.050, 0.30, (350, 1200, 2400), 0.05, (1500, 8000)),
    "ʒ": Consonant(0.060, 0.25, (350, 1800, 2500), 0.09, (1800, 6000)),
    "ʁ": Consonant(0.050, 0.45, (500, 1200, 2500), 0.06, (800, 3000)),
    "l": Consonant(0.055, 0.50, (370, 1450, 2700)),
    "m": Consonant(0.060, 0.38, (300, 1000, 2300)),
    "n": Consonant(0.055, 0.38, (300, 1600, 2500)),
    "j": Consonant(0.060, 0.75, (310, 2400, 3100), glide=True),
    "w": Consonant(0.060, 0.70, (330, 780, 2500), glide=True),
}
