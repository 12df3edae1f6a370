"""Words: jiwer as it comes, jiwer on lower case without punctuation, and ours, on the same pairs."""

import sys
import time
from collections.abc import Callable
from itertools import permutations

import jiwer
import numpy as np

from inference.domain.lyrics_score import score_lyrics
from tests.accuracy.test_laws_words import ENGLISH, FRENCH, english_songs
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.bench.live_words import live_words, streamed_words
from tests.support.lyrics import RULES, lyrics_of, scored
from tests.support.places import ROOT

PAGE, SECTION = ROOT / "docs" / "benchmarks.md", "bench-words"
SAME_WORDS = [  # what is written, what a recogniser writes of the same words
    ("fr", "C’est l’amour\nqui passe", "C'est l'amour qui passe"),
    ("fr", "À cœur ouvert", "a coeur ouvert"),
    ("fr", "C'est l'été, y'a d'la joie", "c'est l'été, il y a de la joie"),
    ("fr", "Je n'ai que 20 ans", "je n'ai que vingt ans"),
    ("fr", "Un week-end (oh oui) (x2)\npeut-être", "un weekend peut être"),
    ("en", "I'm gonna be singin' 'cause I can't stop", "I am going to be singing because I cannot stop"),
    ("en", "It's nineteen eighty-four, oh yeah", "it is 1984"),
    ("en", "Bring me 99 balloons (balloons)", "Bring me ninety-nine balloons."),
]
PLAIN = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),  # type: ignore[no-untyped-call]
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)
NOT_SUNG = [
    ("hallucination, French", FRENCH, "fr", "Merci d'avoir regardé cette vidéo !"),
    ("hallucination, English", ENGLISH, "en", "Thank you for watching!"),
    ("looped words", FRENCH, "fr", "de la de la de la de la de la de la"),
    ("humming", FRENCH, "fr", "Hmm, la la la la la, oh."),
]


def same_words() -> list[Figure]:
    rows = []
    for language, written, heard in SAME_WORDS:
        name = f"“{' / '.join(written.splitlines())}”"
        plain = 100 * plain_wer(written, heard)
        rows += [
            Figure(f"{name}: error rate, jiwer", 100 * jiwer.wer(written, heard), "%"),
            Figure(f"{name}: lower case, no punctuation", plain, "%"),
            Figure(f"{name}: ours", 100 * scored(written, heard, language).wer, "%", 0.0, baseline=plain),
        ]
    return rows


def plain_wer(written: str, heard: str) -> float:
    return float(jiwer.wer(written, heard, reference_transform=PLAIN, hypothesis_transform=PLAIN))


def plain_hits(written: str, heard: str) -> float:
    """The share of the words that jiwer finds on lower case without punctuation, in percent."""
    found = jiwer.process_words(written, heard, reference_transform=PLAIN, hypothesis_transform=PLAIN)
    return 100.0 * found.hits / (found.hits + found.substitutions + found.deletions)


def not_sung() -> list[Figure]:
    return [
        Figure(name, scored(song, heard, language).points, "points", 0.0, baseline=plain_hits(song, heard))
        for name, song, language, heard in NOT_SUNG
    ]


def sung_in_part() -> list[Figure]:
    words = FRENCH.split()
    half = " ".join(words[: len(words) // 2])
    wrong = " ".join("kiwi" if place % 10 == 5 else word for place, word in enumerate(words))
    return [
        Figure("all words", scored(FRENCH, FRENCH.lower()).points, "points", 100.0, at_least=True),
        Figure("one word of ten wrong", scored(FRENCH, wrong).points, "points", baseline=plain_hits(FRENCH, wrong)),
        Figure("the first half", scored(FRENCH, half).points, "points", baseline=plain_hits(FRENCH, half)),
    ]


def other_songs() -> list[Figure]:
    songs = english_songs()
    ours, plain = [], []
    for written, sung in permutations(songs, 2):
        heard = " ".join(word.text for word in sung.words[: len(written.words)])
        found = score_lyrics(written, heard, frozenset(), RULES)
        ours.append(found.points if found is not None else np.nan)
        plain.append(plain_hits(" ".join(word.text for word in written.words), heard))
    name = f"another English song's words, {len(ours)} pairs"
    return [
        Figure(f"{name}: mean", float(np.mean(ours)), "points", 10.0, baseline=float(np.mean(plain))),
        Figure(
            f"{name}: p95", float(np.percentile(ours, 95)), "points", 20.0, baseline=float(np.percentile(plain, 95))
        ),
    ]


def cost() -> list[Figure]:
    """A song of eight stanzas, every tenth word wrong."""
    song = "\n".join([FRENCH] * 8)
    heard = " ".join("kiwi" if place % 10 == 5 else word for place, word in enumerate(song.split()))
    lyrics = lyrics_of(song)
    ours = median_ms(lambda: score_lyrics(lyrics, heard, frozenset(), RULES))
    plain = median_ms(lambda: plain_wer(song, heard))
    return [Figure(f"CPU for {len(lyrics.words)} words, beside jiwer alone", ours, "ms", 1000.0, baseline=plain)]


def median_ms(run: Callable[[], object], rounds: int = 7) -> float:
    taken = []
    for _ in range(rounds):
        start_s = time.process_time()
        run()
        taken.append(1000.0 * (time.process_time() - start_s))
    return float(np.median(taken))


def main() -> int:
    report = Report()
    report.section("the same words", same_words)
    report.section("nothing sung", not_sung)
    report.section("a part sung", sung_in_part)
    report.section("other songs", other_songs)
    report.section("cost", cost)
    report.section("live", live_words)
    report.section("streaming", streamed_words)
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
