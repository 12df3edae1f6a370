"""Language names of song files to ISO 639-1."""

import re

ISO_639_1 = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt",
    "dutch": "nl", "polish": "pl", "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi",
    "russian": "ru", "ukrainian": "uk", "czech": "cs", "slovak": "sk", "hungarian": "hu", "romanian": "ro",
    "greek": "el", "turkish": "tr", "japanese": "ja", "chinese": "zh", "mandarin": "zh", "korean": "ko",
    "latin": "la", "catalan": "ca", "croatian": "hr", "serbian": "sr", "slovenian": "sl", "bulgarian": "bg",
    "hebrew": "he", "arabic": "ar", "hindi": "hi", "tagalog": "tl", "irish": "ga", "welsh": "cy",
    "icelandic": "is", "estonian": "et", "latvian": "lv", "lithuanian": "lt", "breton": "br", "basque": "eu",
    "français": "fr", "francais": "fr", "deutsch": "de", "español": "es", "italiano": "it", "português": "pt",
}  # fmt: skip
CODES = frozenset(ISO_639_1.values())


def language_code(value: str) -> str:
    """The code of the first language named, or "" when it is unknown."""
    first = re.split(r"[,;/(]", value, maxsplit=1)[0].strip().lower()
    return first if first in CODES else ISO_639_1.get(first, "")
