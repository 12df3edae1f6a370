"""Languages as speech servers name them, and the language of a song that does not name it."""

from inference.analysis.jury.checking.languages import is_in
from inference.domain.lyrics_text import text_tokens
from inference.domain.melody import Lyrics

# Whisper's own names, which OpenAI and Groq answer with; faster-whisper servers answer with the code.
NAMES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt",
    "dutch": "nl", "polish": "pl", "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi",
    "russian": "ru", "ukrainian": "uk", "czech": "cs", "slovak": "sk", "hungarian": "hu", "romanian": "ro",
    "greek": "el", "turkish": "tr", "japanese": "ja", "chinese": "zh", "korean": "ko", "latin": "la",
    "catalan": "ca", "croatian": "hr", "serbian": "sr", "slovenian": "sl", "bulgarian": "bg", "hebrew": "he",
    "arabic": "ar", "hindi": "hi", "tagalog": "tl", "welsh": "cy", "icelandic": "is", "estonian": "et",
    "latvian": "lv", "lithuanian": "lt", "breton": "br", "basque": "eu",
}  # fmt: skip
GUESSED = ("fr", "en")
UNKNOWN = "the song does not say which language it is in"


def language_code(name: str) -> str:
    """ISO 639-1 in lower case; "" where it is no language that is known here."""
    first = name.strip().lower().partition("-")[0]
    return first if len(first) == 2 and first.isalpha() else NAMES.get(first, "")


def song_language(lyrics: Lyrics) -> str:
    """As the song says, otherwise French or English where its words are plainly of one of them; "" is unknown."""
    if lyrics.language:
        return language_code(lyrics.language)
    text = " ".join(word.text for word in lyrics.words)
    words = (
        tuple(token.text for token in text_tokens(text, "fr")),
        tuple(token.text for token in text_tokens(text, "en")),
    )
    found = [language for language, told in zip(GUESSED, words, strict=True) if is_in(language, told)]
    return found[0] if len(found) == 1 else ""
