"""Syllables of words, as they are spoken, in the languages that are counted by rule and in other scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.domain.syllables import MOST, syllables

SPOKEN = {
    "fr": """amour 2 tristesse 2 voyage 2 océan 3 pied 1 lumière 2 année 2 rue 1 amie 2 poésie 3 soleil 2 travailler 3
        quelque 1 guitare 2 vent 1 aiment 1 chantent 1 l'amour 2 j'ai 1 aujourd'hui 3 qu'il 1 les 1 je 1 belle 1
        famille 2 fille 1 eau 1 feu 1 nuit 1 20 1 prête-moi 2 cœur 1 Noël 2 maïs 2 ciel 1 créer 2 noir 1 y 1 pays 2
        théâtre 2 bien 1 yeux 1 ouvrir 2 étoile 2 clair 1 d’abord 2 ange 1 hier 1""",
    "en": """love 1 loved 1 wanted 2 little 2 table 2 fire 1 beautiful 3 every 2 running 2 people 2 because 2 don't 1
        horses 2 changes 2 makes 1 nation 2 radio 3 create 2 world 1 something 2 away 2 yeah 1 I'm 1 the 1 apple 2
        eyes 1 hours 1 rhythm 2 violin 3 lonely 2 bridge 1 dance 1 giant 2 seen 1 machine 2 orange 2 hello 2 gone 1
        come 1 whole 1 dream 1 dreaming 2 idea 3 video 3 usual 3 tomorrow 3 99 3""",
    "es": """tristeza 3 fantasma 3 hueco 2 aire 2 atraviesa 4 extraña 3 belleza 3 donde 2 conejo 3 palpita 3 recuerdo 3
        que 1 día 2 guitarra 3 corazón 3 poeta 3 yo 1 huella 2 muy 1 hoy 1 ayer 2 país 2 pingüino 3""",
    "it": "amore 3 ciao 1 giorno 2 cuore 2 bella 2 perché 2 quando 2 sogno 2 aiuto 3 l'amore 3",
    "de": "liebe 2 herz 1 theater 3 verdächtig 3 auge 2 freude 2 schön 1 meine 2 träume 2 einsam 2 über 2",
    "ru": "привет 2 любовь 2", "el": "καλημέρα 4", "zh": "你好 2", "ja": "さくら 3 きょう 2", "ko": "사랑 2",
    "ar": "مرحبا 3", "": "amor 2 hm 1 ... 1",
}  # fmt: skip
WORDS = [
    (language, word, int(count))
    for language, text in SPOKEN.items()
    for word, count in zip(text.split()[::2], text.split()[1::2], strict=True)
]


@pytest.mark.parametrize(("language", "word", "count"), WORDS)
def test_a_word_has_as_many_syllables_as_are_spoken(language: str, word: str, count: int) -> None:
    assert syllables(word, language) == count


@given(st.text(max_size=300), st.sampled_from([*SPOKEN, "xx", "fr-CA"]))
def test_whatever_is_written_has_a_bounded_number_of_syllables(word: str, language: str) -> None:
    assert 1 <= syllables(word, language) <= MOST
