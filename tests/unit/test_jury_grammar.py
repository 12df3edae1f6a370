"""What the grammar says: twenty takes do not sound alike, three degrees of kindness, and a way to speak to children."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from voicejury.jsonform import verdict_dict
from voicejury.v1 import live_pb2, verdict_pb2

from inference.analysis.jury.facts import TAKE_FACTS
from inference.analysis.jury.grammar import Grammar
from inference.analysis.jury.grammars import FOR_CHILDREN, LANGUAGES, OTHER_TONES
from inference.analysis.jury.panel import jurors
from tests.support.jury_take import silent_take, take, weak_take
from tests.support.many_takes import takes
from tests.support.verdict_facts import resolve

MOST_REPEATED = 0.3  # of a juror's sentences over twenty takes of one song
LINE_NAMES = {
    f"{slot}_{name}" for slot in ("best", "worst", "steady", "shaky") for name in ("pitch", "rhythm", "second", "text")
}
NAMES = {
    *TAKE_FACTS.values(),
    *LINE_NAMES,
    *("total", "pitch", "rhythm", "lyrics", "first_second", "waited_text", "lost_word", "lost_second"),
    *("note_cents", "note_second", "onset_ms", "onset_second"),
}
# Nothing of this is said to a child, in any form.
HARSH = {
    "fr": r"faux|fausse|raté|rater|mauvais|pire|nul|mal\b|moche|laid|honte|ridicule|échec|échou|catastroph"
    r"|horrible|affreu|jamais|punir|peur|mort|mourir|tuer|boite|faible|perdu|trembl|champagne|vin\b|bière|cigar|idiot|bête\b|stupid|gronder"
    r"|retard|trop |erreur|faute(?! pas)|défaut|triste|pleur",
    "en": r"wrong|bad|badly|worst|fail|ugly|shame|ridicul|disaster|horrible|awful|never(?! put)"
    r"|punish|afraid|scared|dead|die\b|kill|weak|lost|limp|champagne|wine|beer|cigar|idiot|stupid|scold|late\b"
    r"|too |mistake|fault|flaw|sad|cry|miss",
}
MILD = {"fr": ("ce n’est pas ta faute",), "en": ("it is not your fault",)}  # said to comfort


def grammars() -> Iterator[tuple[str, Grammar]]:
    for language in ("fr", "en"):
        yield language, LANGUAGES[language]
        yield language, FOR_CHILDREN[language]
        for level in (live_pb2.LEVEL_KIND, live_pb2.LEVEL_STRICT):
            yield language, OTHER_TONES[language, level]


def said(grammar: Grammar) -> list[str]:
    return [text for slots in grammar.values() for row in slots.values() for text in row]


def at_level(verdict: verdict_pb2.Verdict, level: int) -> verdict_pb2.Verdict:
    other = verdict_pb2.Verdict()
    other.CopyFrom(verdict)
    other.level = level  # type: ignore[assignment]  # one of the contract's
    return other


TONES = [
    pytest.param(live_pb2.LEVEL_NORMAL, False, id="normal"),
    pytest.param(live_pb2.LEVEL_KIND, False, id="kind"),
    pytest.param(live_pb2.LEVEL_STRICT, False, id="strict"),
    pytest.param(live_pb2.LEVEL_NORMAL, True, id="children"),
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("level", "for_children"), TONES)
def test_twenty_takes_of_one_song_do_not_sound_alike(language: str, level: int, for_children: bool) -> None:
    comments: dict[str, list[str]] = {}
    sentences: dict[str, list[str]] = {}
    for verdict, sound in takes():
        for juror in jurors(at_level(verdict, level), language, sound, for_children):
            comments.setdefault(juror.persona, []).append(juror.comment)
            sentences.setdefault(juror.persona, []).extend(sentence.text for sentence in juror.sentences)
    for persona in comments:
        assert len(comments[persona]) == 20
        assert len(set(comments[persona])) == 20, persona
        repeated = 1 - len(set(sentences[persona])) / len(sentences[persona])
        assert repeated <= MOST_REPEATED, (persona, repeated)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_level_changes_the_tone_and_no_vote(language: str) -> None:
    for verdict in (take(language), weak_take(language)):
        panels = {level: jurors(at_level(verdict, level), language) for level in (0, 1, 2)}
        for normal, kind, strict in zip(*panels.values(), strict=True):
            assert normal.vote == kind.vote == strict.vote
            assert strict.comment != normal.comment
            assert kind.comment != normal.comment or normal.vote  # whoever is praised is praised alike


@pytest.mark.parametrize("language", ["fr", "en"])
def test_at_level_kind_a_weak_take_is_refused_by_other_words(language: str) -> None:
    for juror in jurors(at_level(weak_take(language), live_pb2.LEVEL_KIND), language):
        refusals = OTHER_TONES[language, live_pb2.LEVEL_KIND][juror.persona]["no"]
        assert juror.vote or plain(juror.sentences[-1].text) in refusals


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_harsh_word_is_said_to_a_child(language: str) -> None:
    harsh = re.compile(rf"(?<!\w)(?:{HARSH[language]})", re.IGNORECASE)
    for text in said(FOR_CHILDREN[language]):
        spoken = re.sub(r"\{\w+\}", "", text.lower())
        for mild in MILD[language]:
            spoken = spoken.replace(mild, "")
        assert not harsh.search(spoken), text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_children_hear_short_sentences_and_the_others_are_bounded_too(language: str) -> None:
    assert all(len(text.split()) <= 20 for text in said(FOR_CHILDREN[language]))
    assert all(len(text) <= 140 for spoken, grammar in grammars() for text in said(grammar) if spoken == language)


def test_both_languages_have_the_same_slots_and_each_offers_a_choice() -> None:
    pairs = [(LANGUAGES["fr"], LANGUAGES["en"]), (FOR_CHILDREN["fr"], FOR_CHILDREN["en"])]
    pairs += [(OTHER_TONES["fr", level], OTHER_TONES["en", level]) for level in (1, 2)]
    for french, english in pairs:
        for persona in ("diva", "metronome", "grand-mere"):
            assert french[persona].keys() == english[persona].keys()
            for slot, sentences in french[persona].items():
                assert min(len(set(sentences)), len(set(english[persona][slot]))) >= 4, (persona, slot)


def test_every_name_in_a_sentence_is_one_of_a_fact() -> None:
    for _language, grammar in grammars():
        for text in said(grammar):
            assert set(re.findall(r"\{(\w+)\}", text)) <= NAMES, text


def test_no_sentence_stands_twice_in_a_grammar() -> None:
    for _language, grammar in grammars():
        for slots in grammar.values():
            sentences = [text for row in slots.values() for text in row]
            assert len(sentences) == len(set(sentences)), {s for s in sentences if sentences.count(s) > 1}


@pytest.mark.parametrize(("language", "for_children"), list(product(["fr", "en"], [True, False])))
def test_each_fact_that_is_told_stands_in_the_results(language: str, for_children: bool) -> None:
    for verdict in (take(language), weak_take(language), silent_take(language), verdict_pb2.Verdict(duration_s=7.5)):
        document = verdict_dict(verdict)
        for number, juror in product(range(10), range(3)):
            said_by = jurors(verdict, language, bytes([number]), for_children)[juror]
            assert said_by.claims
            assert {id_ for sentence in said_by.sentences for id_ in sentence.facts} == {c.fact for c in said_by.claims}
            for claim in said_by.claims:
                assert claim.value in said_by.comment
                assert resolve(document, claim.path) is not None


def test_the_same_take_gets_the_same_words_in_every_tone() -> None:
    for level, for_children in product((0, 1, 2), (False, True)):
        verdict = at_level(take("fr"), level)
        assert jurors(verdict, "fr", b"1", for_children) == jurors(verdict, "fr", b"1", for_children)
