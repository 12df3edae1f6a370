"""Words that claim something about the singing, and the facts that may hold each claim. All in lower case.

A term is a regular expression; a fact's key is its id without the indices of line and note: "line.pitch", "note.cents".
"""

import re
from dataclasses import dataclass

PITCH = ("pitch", "line.pitch", "note.cents", "technique.attack_cents")
RHYTHM = ("rhythm", "line.rhythm", "onset.ms")
LYRICS = ("lyrics", "line.lyrics", "word.text")
ONSETS = ("onset.ms", "technique.attack_cents", "technique.scoops", *RHYTHM)
VIBRATO = ("technique.vibrato_hz", "technique.vibrato_cents")
LINES = ("line.text", "line.number", "line.second", "line.pitch", "line.rhythm", "line.lyrics", "note.cents",
         "onset.ms", "word.text")  # fmt: skip
NOTES = ("note.cents", "onset.ms", "technique.scoops", "technique.attack_cents", "technique.longest_s",
         "technique.stability_cents", *VIBRATO, "pitch", "line.pitch", "rhythm", "line.rhythm")  # fmt: skip
NEVER = ()  # nothing that is measured could hold it


@dataclass(frozen=True, slots=True)
class Term:
    pattern: re.Pattern[str]
    keys: tuple[str, ...]  # a fact of one of these has to be cited


def _term(words: str, *keys: str) -> Term:
    return Term(re.compile(rf"(?<!\w)(?:{words})(?!\w)"), keys)


FRENCH = (
    _term(r"vibrat\w*|vibre\w*", *VIBRATO),
    _term(r"justesse|fausse?s?|faussement|intonation|diapason|désaccordé\w*|détonn\w*|accordée?s?|tuning", *PITCH),
    _term(r"justes?(?! (?:un|une|assez|ce|de|du|pour|le|la|les|avant|après|à|au|derrière|devant|là|comme)\b)", *PITCH),
    _term(r"ryth\w*|tempo|cadences?|ponctu\w+|décalé?e?s?|synchron\w*|groove|swing\w*|métronomique\w*"
        r"|contretemps", *RHYTHM),
    _term(r"en mesure|la mesure|en place|à l.heure|pile au bon moment|temps forts?", *RHYTHM),
    _term(r"retards?|retardé\w*|tard|tardi\w+|traîn(?:ez|é|ée|er|ant|ait|aient)|avances?|tôt|précipit\w+|pressée?s?"
        r"|se presse\w*", "onset.ms"),
    _term(r"paroles?|textes?|articul\w+", *LYRICS, "line.text"),
    _term(r"mots?|syllabes?", *LYRICS),
    _term(r"diction|prononc\w+|élocution|accents?", *NEVER),
    _term(r"souffles?|respir\w+|inspir\w+|expir\w+|apnée|haleine|haletan\w+", "technique.breaths"),
    _term(r"attaqu\w+|entrées?", *ONSETS),
    _term(r"nuanc\w+|dynamiques?|crescend\w*|decrescend\w*|diminuendo|forte|fortissimo|pianissimo|murmur\w+"
        r"|chuchot\w+",
          "technique.dynamics_db"),
    _term(r"volume|puissan\w+|décibels?|intensité", "technique.dynamics_db"),
    _term(r"stab\w+|instab\w+|trembl\w+|chancel\w+|vacill\w+|oscill\w+|flott\w+"
        r"|immobile\w*", "technique.stability_cents",
          *VIBRATO),
    _term(r"tenues?|tenir|tient|tenez|tiens|tenu|longues? notes?|notes? (?:la plus |les plus )?longues?",
          "technique.longest_s", "technique.stability_cents"),
    _term(r"glissad\w+|glissé\w*|glissand\w*|port de voix|par en dessous|par en bas|scoops?", "technique.scoops",
          "technique.attack_cents"),
    _term(r"tonalités?|transpos\w+|semitones|tons|modul\w+", "key", "note.cents"),
    _term(r"(?<!pas )(?<!rien de )graves?|aigue?s?|aiguë?s?|tessiture|ambitus|octaves?|registres?|contre.ut"
        r"|basses?", *NEVER),
    _term(r"lignes?|vers(?! (?:\d|le|la|les|vous|toi|moi|l|un|une)\b)|phrases?", *LINES),
    _term(r"couplets?|refrains?|ponts?|introduction|intro|final|solo", *NEVER),
    _term(r"fausset|falsetto|voix de (?:tête|poitrine|gorge)|voix mixte|belting|mélism\w*|vocalis\w+|timbres?"
        r"|résonn\w+|résonances?|passaggio|growl\w*|rauque\w*|éraillé\w*|harmoni\w+|legato|staccato|portamento"
        r"|phrasés?|trilles?|trémolos?|diaphragme|larynx|nasal\w*|nasillard\w*|projection|ornement\w*"
        r"|improvis\w+|chœurs?|soprano|alto|ténor|baryton|mezzo", *NEVER),
    _term(r"bout de souffle|essouffl\w+|manque d air|pantelant\w*", *NEVER),
    _term(r"craqu\w+|couacs?|canards?|enrou\w+|aphone|hurl\w+|marmonn\w+|bafouill\w+|bégay\w+|fredonn\w+"
        r"|ralenti\w*|accélér\w*|lente?s?|rapides?|irrégul\w+|régul\w+", *NEVER),
    _term(r"voix (?:\w+ et )?(?:chaude|claire|sombre|brillante|cristalline|ronde|veloutée|puissante|fluette"
        r"|aérienne|pure|douce|forte|profonde|légère)", *NEVER),
    _term(r"haut.parleurs?|enceintes?|fuites?|casque|écouteurs?|accompagnement", "bleed.method", "bleed.db"),
    _term(r"coupures?|réseau|connexion|téléphone|trous?|rattrap\w+", "filled", "measured"),
    _term(r"niveau|indulgen\w+|exigean\w+|sévère\w*|strict\w*", "level"),
    _term(r"notes?(?! (?:sur|finale|globale|de 0|totale)\b)", *NOTES),
    _term(r"silences?|pauses?", *NEVER),
    _term(r"hertz|fréquences?", *VIBRATO),
    _term(r"cents", "note.cents", "technique.vibrato_cents", "technique.stability_cents", "technique.attack_cents"),
)  # fmt: skip
ENGLISH = (
    _term(r"vibrat\w*|vibrant", *VIBRATO),
    _term(r"tuning|intonation|in tune|out of tune|tuneful\w*|pitch\w*|on key|off.key|in key|tuned", *PITCH),
    _term(r"flat|flattened|sharp|sharpened|flatness", "note.cents", "technique.attack_cents"),
    _term(r"rhythm\w*|tempo|beats?|timing|on time|in time|punctual\w*|groov\w*|swing\w*|syncopat\w*|out of sync"
        r"|in sync|offbeat",
          *RHYTHM),
    _term(r"late|lateness|lag\w*|behind|delay\w*|early|ahead|rush\w*|hurried|dragg?\w*", "onset.ms"),
    _term(r"lyrics?|articulat\w+", *LYRICS, "line.text"),
    _term(r"words?|syllables?", *LYRICS),
    _term(r"diction|pronunciation|pronounc\w+|enunciat\w+|accents?", *NEVER),
    _term(r"breath\w*|inhal\w*|exhal\w*", "technique.breaths"),
    _term(r"attack\w*|entr(?:y|ies)|onsets?", *ONSETS),
    _term(r"dynamic\w*|crescend\w*|decrescend\w*|diminuendo|fortissimo|pianissimo|whisper\w*|loud\w*|soft(?:er"
        r"|est|ness|ly)?|volume|power\w*|decibels?|nuanc\w*", "technique.dynamics_db"),
    _term(r"stabl\w+|stability|unstable|trembl\w+|wobbl\w*|shak\w+|quiver\w*|steady|steadi\w+|unsteady|waver\w*",
          "technique.stability_cents", *VIBRATO),
    _term(r"held|hold\w*|sustain\w*|long(?:est)? notes?", "technique.longest_s", "technique.stability_cents"),
    _term(r"scoop\w*|slid\w*|glissand\w*|from below", "technique.scoops", "technique.attack_cents"),
    _term(r"keys?(?! (?:moment|to)\b)|transpos\w+|semitones?|tones?|modulat\w+", "key", "note.cents"),
    _term(r"octaves?|range|register\w*|high [a-g]|low [a-g]|(?:high|low|top|bottom) notes?|bass|treble", *NEVER),
    _term(r"lines?|phrases?", *LINES),
    _term(r"verses?|chorus\w*|refrains?|bridges?|intro\w*|outro|finale|solo", *NEVER),
    _term(r"falsetto|(?:head|chest|mixed?) voice|belt\w*|melisma\w*|riffs?|vocal runs?|timbre|tone|resonan\w+"
        r"|passaggio|growl\w*|rasp\w*|husk\w*|harmon\w+|legato|staccato|portamento|phrasing|trills?|tremolos?"
        r"|diaphragm|larynx|nasal\w*|projection|ornament\w*|improvis\w+|soprano|alto|tenor|baritone|mezzo"
        r"|vocal fry|yodel\w*", *NEVER),
    _term(r"out of breath|breathless\w*|winded|short of breath|panting", *NEVER),
    _term(r"crack\w*|squeak\w*|hoarse\w*|mumbl\w*|stutter\w*|humm\w+|whistl\w*|slow\w*|fast\w*|quick\w*|irregular\w*|regular\w*"
          r"|voice (?:broke|breaks)", *NEVER),
    _term(r"(?:warm|clear|bright|dark|crystal|round|rich|thin|airy|pure|deep|light|sweet)(?: and \w+)? voice", *NEVER),
    _term(r"loudspeakers?|speakers?|headphones?|bleed\w*|backing|leak\w*", "bleed.method", "bleed.db"),
    _term(r"network|connection|phone|telephone|gaps?|dropouts?", "filled", "measured"),
    _term(r"level|lenient\w*|strict\w*", "level"),
    _term(r"notes?", *NOTES),
    _term(r"silen\w+|pauses?", *NEVER),
    _term(r"hertz|frequenc\w+", *VIBRATO),
    _term(r"cents", "note.cents", "technique.vibrato_cents", "technique.stability_cents", "technique.attack_cents"),
)  # fmt: skip
TERMS = {"fr": FRENCH, "en": ENGLISH}
