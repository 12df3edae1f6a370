"""What speech recognisers write where nobody speaks: the last lines of videos that they learnt from.

Known from reports such as openai/whisper discussion 928 and whisper.cpp issue 2660; none was provoked here,
so the list may lack some and hold some that are rare.
"""

from functools import cache

from inference.domain.lyrics_text import ENGLISH, FRENCH, bare, text_tokens
from inference.domain.lyrics_token import Token

INVENTED = {
    ENGLISH: (
        "thank you for watching this video",
        "thank you so much for watching",
        "thank you very much for watching",
        "thank you for watching",
        "thanks for watching",
        "thank you for listening",
        "please subscribe to my channel",
        "please subscribe",
        "subscribe to my channel",
        "like and subscribe",
        "don't forget to subscribe",
        "see you in the next video",
        "see you next time",
        "subtitles by the amara.org community",
        "subtitled by the amara.org community",
        "transcription by castingwords",
    ),
    FRENCH: (
        "merci d'avoir regardé cette vidéo",
        "merci d'avoir regardé la vidéo",
        "merci d'avoir regardé",
        "merci à tous d'avoir regardé cette vidéo",
        "merci de m'avoir écouté",
        "abonnez-vous à la chaîne",
        "abonnez-vous",
        "n'oubliez pas de vous abonner",
        "à la prochaine vidéo",
        "sous-titres réalisés par la communauté d'amara.org",
        "sous-titres réalisés para la communauté d'amara.org",
        "sous-titres par la communauté d'amara.org",
        "sous-titrage société radio-canada",
        "sous-titrage st' 501",
        "sous-titrage mfp",
    ),
}


def without_inventions(heard: list[Token], written: list[Token], language: str) -> list[Token]:
    """The heard tokens without such phrases, but for those that the lyrics hold."""
    texts = [bare(token.text) for token in written]
    banned = [phrase for phrase in _phrases(language) if not _places(texts, phrase)]
    kept = [bare(token.text) for token in heard]
    dropped: set[int] = set()
    for phrase in banned:  # longest first
        for place in _places(kept, phrase):
            dropped.update(range(place, place + len(phrase)))
            kept[place : place + len(phrase)] = [""] * len(phrase)
    return [token for place, token in enumerate(heard) if place not in dropped]


def _places(texts: list[str], phrase: tuple[str, ...]) -> list[int]:
    return [
        place
        for place, text in enumerate(texts)
        if text == phrase[0] and tuple(texts[place : place + len(phrase)]) == phrase
    ]


@cache
def _phrases(language: str) -> list[tuple[str, ...]]:
    """Of both languages, cut as the language of the song cuts them: a recogniser may change its mind."""
    lines = [line for lines in INVENTED.values() for line in lines]
    cut = {tuple(bare(token.text) for token in text_tokens(line, language)) for line in lines}
    return sorted(cut, key=lambda phrase: (-len(phrase), phrase))
