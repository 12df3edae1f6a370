"""Which sentences a juror chooses from: those of the language, more gently or more dryly by the level, or a child's."""

from voicejury.v1 import live_pb2

from inference.analysis.jury import english, french
from inference.analysis.jury.grammar import Grammar, Slots

LANGUAGES = {"fr": french.GRAMMAR, "en": english.GRAMMAR}
OTHER_TONES: dict[tuple[str, int], Grammar] = {
    ("fr", live_pb2.LEVEL_KIND): french.KIND,
    ("fr", live_pb2.LEVEL_STRICT): french.STRICT,
    ("en", live_pb2.LEVEL_KIND): english.KIND,
    ("en", live_pb2.LEVEL_STRICT): english.STRICT,
}
FOR_CHILDREN = {"fr": french.FOR_CHILDREN, "en": english.FOR_CHILDREN}


def slots_of(persona: str, language: str, level: int, for_children: bool) -> Slots:
    if for_children:
        return FOR_CHILDREN[language][persona]
    return LANGUAGES[language][persona] | OTHER_TONES.get((language, level), {}).get(persona, {})
