"""`voicejury words`: what was heard against what is written."""

import json
import re
from pathlib import Path
from typing import Any

import click

from deploy.commands import CommandError
from inference.domain.lyrics_score import LyricsScore, WordFate, score_lyrics, why_unscored
from inference.domain.melody import Lyrics, Word
from inference.domain.rules import ScoringRules

MAX_BYTES = 1024 * 1024
STAMP = re.compile(r"[\[<](\d{1,3}):(\d{2}(?:[.:]\d{1,3})?)[\]>]")  # LRC: [01:02.34], and <01:02.34> inside a line
TAG = re.compile(r"\[(?:ar|ti|al|au|by|offset|re|ve|length|la|tool|#):[^\]]*\]", re.IGNORECASE)


@click.command("words")
@click.option("--expected", required=True, type=click.Path(path_type=Path), help="The lyrics, as text or LRC.")
@click.option("--heard", required=True, type=click.Path(path_type=Path), help="What a recogniser heard in the take.")
@click.option("--original", type=click.Path(path_type=Path), help="What it heard in the original voice: worth 100.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Of the words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--evidence", is_flag=True, help="With --json: also each written word and each extra one.")
def command(expected: Path, heard: Path, original: Path | None, lang: str, as_json: bool, evidence: bool) -> None:
    """Score the words of HEARD against EXPECTED, both UTF-8 text of at most 1 MiB.

    Counts are of compared words: "l'été" is two, "oh" none.
    """
    lyrics = _lyrics(_text(expected), lang)
    if not lyrics.words:
        raise CommandError(f"{expected}: holds no words")
    rules = ScoringRules()
    sung, reference = _text(heard), _text(original) if original else None
    score = score_lyrics(lyrics, sung, frozenset(), rules, reference)
    if score is None:
        click.echo(f"no score: {why_unscored(lyrics, frozenset())}", err=True)
    if as_json:
        click.echo(json.dumps(_figures(score) | (_evidence(score) if evidence else {}), ensure_ascii=False))
    elif score is not None:
        click.echo(summary(score))


def _text(path: Path) -> str:
    if not path.is_file():
        raise CommandError(f"{path}: no such file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path}: larger than {MAX_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text") from error
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({error.strerror})") from error
    if "\0" in text:
        raise CommandError(f"{path}: not text")
    return without_stamps(text)


def without_stamps(text: str) -> str:
    """The lines in the order in which they are sung: an LRC line with two times is sung twice."""
    timed: list[tuple[float, str]] = []
    for line in text.splitlines():
        words = STAMP.sub(" ", TAG.sub("", line)).strip()
        head = re.match(r"(?:\s*\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\])+", line)
        last_s = timed[-1][0] if timed else 0.0
        times_s = [_seconds(stamp) for stamp in STAMP.finditer(head[0])] if head else [last_s]
        timed += [(time_s, words) for time_s in times_s]
    return "\n".join(words for _, words in sorted(timed, key=lambda line: line[0]))


def _seconds(stamp: re.Match[str]) -> float:
    return 60.0 * int(stamp[1]) + float(stamp[2].replace(":", "."))


def _lyrics(text: str, language: str) -> Lyrics:
    words = [(word, number) for number, line in enumerate(text.splitlines()) for word in line.split()]
    return Lyrics(language, tuple(Word(word, float(place), place + 1.0, n) for place, (word, n) in enumerate(words)))


def _figures(score: LyricsScore | None) -> dict[str, Any]:
    if score is None:
        return {"score": None, "wer": None, "hits": 0, "substitutions": 0, "deletions": 0, "insertions": 0}
    return {
        "score": round(score.points, 2),
        "wer": round(score.wer, 4),
        "hits": score.hits,
        "substitutions": score.substitutions,
        "deletions": score.deletions,
        "insertions": score.insertions,
    }


def _evidence(score: LyricsScore | None) -> dict[str, Any]:
    words, extra = (score.words, score.extra) if score is not None else ((), ())
    return {
        "words": [
            {"word": word.text, "line": word.phrase + 1, "fate": word.fate.value, "heard": word.heard} for word in words
        ],
        "extra": [{"word": word.text, "line": word.phrase + 1} for word in extra],
    }


def summary(score: LyricsScore) -> str:
    """The score as a person reads it in a terminal."""
    rows = [
        f"score {score.points:.1f}, word error rate {score.wer:.1%}",
        f"{score.hits} of {score.expected} words right, {score.substitutions} wrong, {score.deletions} missing, "
        f"{score.insertions} extra",
    ]
    for word in score.words:
        if word.fate is WordFate.WRONG:
            rows.append(f"line {word.phrase + 1:>3}  {word.text}: heard {word.heard}")
        elif word.fate is WordFate.MISSING:
            rows.append(f"line {word.phrase + 1:>3}  {word.text}: missing")
    rows += [f"line {extra.phrase + 1:>3}  extra: {extra.text}" for extra in score.extra]
    return "\n".join(rows)
