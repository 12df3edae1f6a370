"""Facts as a model reads them, in French and English: what was measured, with its unit and its direction."""

from inference.analysis.jury.checking.scene import key
from inference.analysis.jury.fact import Fact

FRENCH = {
    "total": "note totale : {} sur 100",
    "pitch": "justesse de la prise : {} sur 100",
    "rhythm": "rythme de la prise : {} sur 100",
    "lyrics": "paroles de la prise : {} sur 100",
    "duration": "durée de la prise : {} secondes",
    "level": "niveau choisi : {}",
    "coverage": "part de la chanson qui a été chantée : {} %",
    "measured": "part de la chanson dont le son est arrivé : {} %",
    "filled": "coupures comblées par le téléphone : {} secondes",
    "bleed.method": "accompagnement du haut-parleur dans le micro, traité : {}",
    "bleed.db": "accompagnement du haut-parleur dans le micro : {} décibels",
    "key": "tonalité : {} demi-tons plus {haut|bas} que l’original",
    "technique.vibrato_hz": "vibrato, vitesse : {} hertz",
    "technique.vibrato_cents": "vibrato, largeur : {} cents",
    "technique.scoops": "notes prises par en dessous : {} fois",
    "technique.longest_s": "la plus longue note tenue : {} secondes",
    "technique.longest_second": "la plus longue note commence à {} secondes",
    "technique.stability_cents": "stabilité des notes tenues : elles bougent de {} cents",
    "technique.dynamics_db": "nuances : {} décibels entre doux et fort",
    "technique.breaths": "respirations : {}",
    "technique.attack_cents": "attaques : {} cents trop {haut|bas}",
    "line.text": "ligne {line}, ses mots",
    "line.number": "ligne {line}, son rang : {}",
    "line.second": "ligne {line}, elle commence à {} secondes",
    "line.pitch": "ligne {line}, justesse : {} sur 100",
    "line.rhythm": "ligne {line}, rythme : {} sur 100",
    "line.lyrics": "ligne {line}, paroles : {} sur 100",
    "note.cents": "ligne {line}, une note : {} cents trop {haut|bas}",
    "note.second": "ligne {line}, cette note est à {} secondes",
    "onset.ms": "ligne {line}, un départ : {} millisecondes en {retard|avance}",
    "onset.second": "ligne {line}, ce départ est à {} secondes",
    "word.text": "ligne {line}, un mot qui n’a pas été entendu",
    "word.second": "ligne {line}, ce mot était à {} secondes",
    "title": "titre de la chanson",
}
ENGLISH = {
    "total": "total: {} out of 100",
    "pitch": "tuning of the take: {} out of 100",
    "rhythm": "rhythm of the take: {} out of 100",
    "lyrics": "lyrics of the take: {} out of 100",
    "duration": "length of the take: {} seconds",
    "level": "chosen level: {}",
    "coverage": "share of the song that was sung: {} %",
    "measured": "share of the song whose sound arrived: {} %",
    "filled": "gaps filled by the phone: {} seconds",
    "bleed.method": "backing from the loudspeaker in the microphone, treated: {}",
    "bleed.db": "backing from the loudspeaker in the microphone: {} decibels",
    "key": "key: {} semitones {higher|lower} than the original",
    "technique.vibrato_hz": "vibrato, rate: {} hertz",
    "technique.vibrato_cents": "vibrato, width: {} cents",
    "technique.scoops": "notes scooped from below: {} times",
    "technique.longest_s": "longest held note: {} seconds",
    "technique.longest_second": "the longest note begins at {} seconds",
    "technique.stability_cents": "stability of held notes: they move by {} cents",
    "technique.dynamics_db": "dynamics: {} decibels between soft and loud",
    "technique.breaths": "breaths: {}",
    "technique.attack_cents": "attacks: {} cents too {high|low}",
    "line.text": "line {line}, its words",
    "line.number": "line {line}, its place: {}",
    "line.second": "line {line} begins at {} seconds",
    "line.pitch": "line {line}, tuning: {} out of 100",
    "line.rhythm": "line {line}, rhythm: {} out of 100",
    "line.lyrics": "line {line}, lyrics: {} out of 100",
    "note.cents": "line {line}, one note: {} cents too {high|low}",
    "note.second": "line {line}, that note is at {} seconds",
    "onset.ms": "line {line}, one onset: {} milliseconds {late|early}",
    "onset.second": "line {line}, that onset is at {} seconds",
    "word.text": "line {line}, a word that was not heard",
    "word.second": "line {line}, that word was at {} seconds",
    "title": "title of the song",
}
RENDERINGS = {"fr": FRENCH, "en": ENGLISH}
CODES = {
    "fr": {"kind": "gentil", "normal": "normal", "strict": "strict", "cancelled": "soustrait", "separated": "séparé"},
    "en": {"kind": "kind", "normal": "normal", "strict": "strict", "cancelled": "subtracted", "separated": "separated"},
}


def rendered(fact: Fact, language: str) -> str:
    """One line of text about the fact; of a line of the song or a word of it only what it is, never what it says."""
    template = RENDERINGS[language][key(fact)]
    if "|" in template:
        template = _directed(template, (fact.number or 0.0) > 0)
    said = CODES[language].get(fact.text, "") if fact.kind == "code" else fact.value(language)
    return template.replace("{line}", str((fact.line or 0) + 1)).replace("{}", said)


def _directed(template: str, positive: bool) -> str:
    start, end = template.rindex("{", 0, template.index("|")), template.index("}", template.index("|"))
    more, less = template[start + 1 : end].split("|")
    return template[:start] + (more if positive else less) + template[end + 1 :]
