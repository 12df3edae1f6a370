"""Laws 1 and 3 to 9 on contours: every written song, and tunes of the generator on which nothing was tuned."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np

from inference.domain.lines import line_evidence
from inference.domain.lyrics_score import score_lyrics
from inference.domain.melody import Lyrics, Melody, Note, Word
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.take_score import TakeScore
from inference.domain.track import PitchTrack
from tests.accuracy.claims import Claim
from tests.accuracy.takes import FIXED_KEY, Parts, by_notes, by_stem, parts_of, score_of
from tests.support.corpus import corpus
from tests.unit.synthetic_singers import RULES, Singer, score, sing, track_of, tune

TUNE_S = 40.0
LEAST_NOISE = 1.0  # points within which more error may score more
Sung = Callable[[Melody, int], PitchTrack]
Seeds = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is sung: all of it takes minutes."""

    song_s: float  # of each written song, from its first note on
    every_pair: int  # of songs, of which one is sung for the other
    seeds: tuple[int, ...]  # of the tunes


ALL = Extent(40.0, 1, tuple(range(701, 709)))
SAMPLE = Extent(20.0, 8, (701, 709))
BREATH_S = 0.15  # a quick one
WORST_DISPLACED = 706  # of the seeds of ALL: the sample looks at it, too


def claims(extent: Extent = ALL) -> list[Claim]:
    """Every claim of this file."""
    tunes = (monotone, identity, key, latency, displacement, coverage, ornaments, speech, explained)
    return [*written_songs(extent), *(claim for law in tunes for claim in law(extent.seeds))]


def written_songs(extent: Extent) -> Iterator[Claim]:
    yield Claim(
        1, "another good take of each written song, against its notes: worst", partial(_own, extent, False), 98.0, True
    )
    yield Claim(
        1, "another good take of each written song, against a stem: worst", partial(_own, extent, True), 98.0, True
    )
    for part in ("pitch", "rhythm"):
        yield Claim(3, f"a song sung for another: {part}, mean", partial(_luck, extent, part, _mean), 10.0)
        yield Claim(3, f"a song sung for another: {part}, p95", partial(_luck, extent, part, _p95), 20.0)


@cache
def sung_songs(seconds: float) -> dict[str, PitchTrack]:
    """Every song of the corpus by a good singer."""
    return {name: sing(melody, Singer(seed=n)) for n, (name, melody) in enumerate(corpus(seconds).items())}


@cache
def pairs(extent: Extent) -> dict[tuple[str, str], Parts]:
    """What each song earns for another one: (written, sung)."""
    melodies, takes = corpus(extent.song_s), sung_songs(extent.song_s)
    return {
        (written, sung): parts_of(score(melodies[written], takes[sung]))
        for written, sung in list(itertools.permutations(melodies, 2))[:: extent.every_pair]
    }


def _luck(extent: Extent, part: str, summary: Callable[[list[float]], float]) -> float:
    return summary([getattr(parts, part) for parts in pairs(extent).values()])


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


def _own(extent: Extent, by_a_stem: bool) -> float:
    melodies, takes = corpus(extent.song_s), sung_songs(extent.song_s)
    stems = {name: by_stem(sing(melody, Singer(seed=99))) for name, melody in melodies.items() if by_a_stem}
    written = stems or {name: by_notes(melody) for name, melody in melodies.items()}
    return min(parts_of(score_of(written[name], take)).least for name, take in takes.items())


@cache
def new_tune(seed: int) -> Melody:
    return tune(seed, TUNE_S)


def how(**singer: Any) -> Sung:
    """Sung by the generator with these habits, another random draw for each tune."""
    return lambda melody, seed: sing(melody, Singer(seed=seed, **singer))


def every(seeds: Seeds, sung: Sung, rules: ScoringRules = RULES) -> list[Parts]:
    """What each new tune earns so sung."""
    return [parts_of(score(new_tune(seed), sung(new_tune(seed), seed), rules)) for seed in seeds]


def worst(seeds: Seeds, sung: Sung) -> float:
    return min(parts.least for parts in every(seeds, sung))


def identity(seeds: Seeds) -> Iterator[Claim]:
    yield Claim(1, "another good take of a new tune: worst", partial(worst, seeds, how()), 98.0, True)


def key(seeds: Seeds) -> Iterator[Claim]:
    for cents in (-1200.0, 1200.0, 500.0, -300.0):
        yield Claim(
            5, f"a new tune {cents / 100:+.0f} semitones: worst", partial(worst, seeds, how(cents=cents)), 98.0, True
        )
    yield Claim(5, "+2 semitones in the fixed key: best pitch", partial(_fixed_key_best, seeds), 10.0)


def _fixed_key_best(seeds: Seeds) -> float:
    return max(parts.pitch for parts in every(seeds, how(cents=200.0), FIXED_KEY))


def latency(seeds: Seeds) -> Iterator[Claim]:
    for late_s in (-0.3, 0.15, 0.3, 0.5):
        text = f"a new tune {1000 * late_s:+.0f} ms late: worst"
        yield Claim(6, text, partial(worst, seeds, how(late_s=late_s)), 98.0, True)
    for tempo in (1.0002, 0.999):
        text = f"a clock that drifts by {1e6 * abs(tempo - 1):.0f} ppm: worst"
        yield Claim(6, text, partial(worst, seeds, how(tempo=tempo)), 98.0, True)
    for late_s, text, limit, at_least in (
        (0.1, "100 ms late by a calibrated route: worst", 98.0, True),
        (0.3, "300 ms late by a calibrated route: best rhythm", 80.0, False),
    ):
        yield Claim(6, text, partial(_calibrated, seeds, late_s, at_least), limit, at_least)
    yield Claim(6, "another tempo, 3 % slower: best rhythm", partial(_best_rhythm, seeds, how(tempo=1.03)), 40.0)


def _calibrated(seeds: Seeds, late_s: float, least: bool) -> float:
    """Late behind a route whose latency is known to be none: the least part, or the best rhythm."""
    takes = [(new_tune(seed), sing(new_tune(seed), Singer(seed=seed, late_s=late_s))) for seed in seeds]
    scores = [parts_of(score_of(by_notes(melody), track, route_latency_s=0.0)) for melody, track in takes]
    return min(parts.least for parts in scores) if least else max(parts.rhythm for parts in scores)


def _best_rhythm(seeds: Seeds, sung: Sung) -> float:
    return max(parts.rhythm for parts in every(seeds, sung))


def displacement(seeds: Seeds) -> Iterator[Claim]:
    seeds = tuple(sorted({*seeds, WORST_DISPLACED}))
    yield Claim(
        6, "notes displaced by up to half their length: worst pitch", partial(_displaced_pitch, seeds), 90.0, True
    )
    yield Claim(
        6, "notes displaced by up to half their length: best rhythm", partial(_best_rhythm, seeds, _displaced), 40.0
    )


def _displaced_pitch(seeds: Seeds) -> float:
    return min(parts.pitch for parts in every(seeds, _displaced))


def _displaced(melody: Melody, seed: int) -> PitchTrack:
    """Each note at random by up to half its length, either way."""
    rng = np.random.default_rng(seed)

    def moved(note: Note) -> Note:
        by_s = rng.uniform(-0.5, 0.5) * (note.offset_s - note.onset_s)
        return replace(note, onset_s=max(0.0, note.onset_s + by_s), offset_s=note.offset_s + by_s)

    lines = [replace(phrase, notes=tuple(moved(note) for note in phrase.notes)) for phrase in melody.phrases]
    return sing(Melody(tuple(lines)), Singer(seed=seed))


def coverage(seeds: Seeds) -> Iterator[Claim]:
    yield Claim(7, "a random half of the notes: least", lambda: min(p.least for p in every(seeds, _half)), 40.0, True)
    yield Claim(7, "a random half of the notes: most", lambda: max(p.most for p in every(seeds, _half)), 65.0)
    yield Claim(
        7, "a breath of 150 ms in the middle of every line costs: most", partial(_most_lost, seeds, _breathing), 1.0
    )
    yield Claim(7, "singing over every rest costs in pitch: least", lambda: 100 - _over_rests_most(seeds), 1.0, True)
    yield Claim(7, "singing over every rest costs in pitch: most", lambda: 100 - _over_rests_least(seeds), 15.0)


def _half(melody: Melody, seed: int) -> PitchTrack:
    count = sum(len(phrase.notes) for phrase in melody.phrases)
    kept = set(np.random.default_rng(seed).permutation(count)[::2].tolist())
    numbers = itertools.count()
    lines = [replace(p, notes=tuple(note for note in p.notes if next(numbers) in kept)) for p in melody.phrases]
    return sing(Melody(tuple(lines)), Singer(seed=seed))


def _breathing(melody: Melody, seed: int) -> PitchTrack:
    """The longest note of each line but its last one ends BREATH_S too early."""
    track = sing(melody, Singer(seed=seed))
    f0_hz = track.f0_hz.copy()
    for line in melody.phrases:
        end_s = max(line.notes[:-1], key=lambda note: note.offset_s - note.onset_s).offset_s
        f0_hz[round((end_s - BREATH_S) / track.hop_s) : round(end_s / track.hop_s)] = 0.0
    return replace(track, f0_hz=f0_hz)


def _over_rests(melody: Melody, seed: int) -> PitchTrack:
    """The last note of each line is held until the next line."""
    track = sing(melody, Singer(seed=seed))
    f0_hz = track.f0_hz.copy()
    for line, following in itertools.pairwise(melody.phrases):
        span = slice(round(line.offset_s / track.hop_s), round(following.onset_s / track.hop_s))
        f0_hz[span] = 440.0 * 2.0 ** ((line.notes[-1].midi - 69.0) / 12.0)
    return replace(track, f0_hz=f0_hz)


def _over_rests_least(seeds: Seeds) -> float:
    return min(parts.pitch for parts in every(seeds, _over_rests))


def _over_rests_most(seeds: Seeds) -> float:
    return max(parts.pitch for parts in every(seeds, _over_rests))


def ornaments(seeds: Seeds) -> Iterator[Claim]:
    habits = {
        "vibrato of 100 cents at 6 Hz": {"vibrato_cents": 100.0, "vibrato_hz": 6.0},
        "vibrato of 100 cents at 5 Hz": {"vibrato_cents": 100.0, "vibrato_hz": 5.0},
        "scoops of 115 ms": {"scoop_s": 0.115},
        "gaps of 100 ms in every second note": {"consonant_s": 0.06},
    }
    for name, habit in habits.items():
        yield Claim(9, f"{name} cost: most", partial(_most_lost, seeds, how(**habit)), 2.0)


def _most_lost(seeds: Seeds, sung: Sung) -> float:
    plain = every(seeds, how())
    return max(max(a.pitch - b.pitch, a.rhythm - b.rhythm) for a, b in zip(plain, every(seeds, sung), strict=True))


def speech(seeds: Seeds) -> Iterator[Claim]:
    yield Claim(8, "a synthetic talker in time: best pitch", lambda: max(p.pitch for p in every(seeds, _talking)), 15.0)
    yield Claim(8, "a synthetic talker in time, every word right: greatest total", partial(_talking_total, seeds), 45.0)


def _talking(melody: Melody, seed: int) -> PitchTrack:
    """Voiced where the song is, wandering like speech."""
    voiced = sing(melody, Singer(seed=seed)).f0_hz > 0
    rng = np.random.default_rng(seed)
    nodes = np.arange(0, len(voiced) + 15, 15)
    midi = np.interp(np.arange(len(voiced)), nodes, 52 + rng.normal(0, 2.5, len(nodes)))
    return track_of(np.where(voiced, midi, np.nan))


def _talking_total(seeds: Seeds) -> float:
    weights = (RULES.pitch_weight, RULES.rhythm_weight, RULES.lyrics_weight)
    return max(float(np.dot(weights, (p.pitch, p.rhythm, 100.0))) for p in every(seeds, _talking))


def _left_out(share: float) -> Sung:
    """So many of the notes, always the same ones first."""

    def sung(melody: Melody, seed: int) -> PitchTrack:
        track = sing(melody, Singer(seed=seed))
        notes = [note for phrase in melody.phrases for note in phrase.notes]
        order = np.random.default_rng(seed).permutation(len(notes))
        f0_hz = track.f0_hz.copy()
        for number in order[: round(share * len(notes))]:
            f0_hz[round(notes[number].onset_s / track.hop_s) : round(notes[number].offset_s / track.hop_s)] = 0.0
        return replace(track, f0_hz=f0_hz)

    return sung


ERRORS: dict[str, tuple[str, list[Sung]]] = {
    "each note more out of tune": (
        "pitch",
        [how(note_sd_cents=sd) for sd in (0, 15, 30, 45, 60, 90, 120, 180, 240, 300)],
    ),
    "everything sharper, up to a quarter tone": ("pitch", [how(cents=cents) for cents in (0, 10, 20, 30, 40, 50)]),
    "onsets more out of time": (
        "rhythm",
        [how(jitter_s=sd_s) for sd_s in (0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3)],
    ),
    "more notes left out, the pitch": ("pitch", [_left_out(share / 10) for share in range(11)]),
    "more notes left out, the rhythm": ("rhythm", [_left_out(share / 10) for share in range(11)]),
}
FIXED_KEY_CENTS = (0, 20, 40, 60, 80, 100, 130, 160, 200, 300, 400, 500, 600)


def monotone(seeds: Seeds) -> Iterator[Claim]:
    """The errors are drawn at random, so it is the mean of the tunes that may not rise."""
    for text, (part, steps) in ERRORS.items():
        yield Claim(4, f"{text}: largest rise of the mean", partial(_rise_of_mean, seeds, part, steps), LEAST_NOISE)
    yield Claim(
        4,
        "everything sharper in the fixed key, up to six semitones: largest rise",
        partial(_rise_fixed, seeds),
        LEAST_NOISE,
    )
    yield Claim(4, "more words wrong: largest rise of lyrics", _rise_of_words, LEAST_NOISE)
    yield Claim(4, "a stricter level: largest rise of pitch", partial(_rise_of_levels, seeds), LEAST_NOISE)


def _rise_of_mean(seeds: Seeds, part: str, steps: list[Sung]) -> float:
    return _rise([float(np.mean([getattr(parts, part) for parts in every(seeds, sung)])) for sung in steps])


def _rise(scores: list[float]) -> float:
    """How much a later step earns more than any earlier one."""
    return float((np.array(scores) - np.minimum.accumulate(scores)).max())


def rises_of_single_tunes(seeds: Seeds) -> dict[str, float]:
    """The same for each tune alone, where luck counts as well: the largest of all tunes, by error."""
    rows = {
        text: np.array([[getattr(parts, part) for parts in every(seeds, sung)] for sung in steps])
        for text, (part, steps) in ERRORS.items()
    }
    return {text: max(_rise(tune.tolist()) for tune in table.T) for text, table in rows.items()}


def _rise_fixed(seeds: Seeds) -> float:
    rows = [[parts.pitch for parts in every(seeds, how(cents=float(cents)), FIXED_KEY)] for cents in FIXED_KEY_CENTS]
    return _rise(np.mean(rows, axis=1).tolist())


def _rise_of_levels(seeds: Seeds) -> float:
    rows = []
    for level in (Level.KIND, Level.NORMAL, Level.STRICT):
        rules = replace(rules_for(level), key_free=True)
        rows.append(float(np.mean([parts.pitch for parts in every(seeds, how(note_sd_cents=50.0), rules)])))
    return _rise(rows)


def _rise_of_words() -> float:
    rng = np.random.default_rng(0)
    words = [f"mot{number}" for number in range(40)]
    lyrics = Lyrics("fr", tuple(Word(word, float(n), n + 1.0, 0) for n, word in enumerate(words)))
    order = rng.permutation(len(words))
    rows = []
    for wrong in range(0, len(words) + 1, 4):
        heard = ["faux" if place in set(order[:wrong].tolist()) else word for place, word in enumerate(words)]
        found = score_lyrics(lyrics, " ".join(heard), frozenset(), RULES)
        assert found is not None
        rows.append(found.points)
    return _rise(rows)


def explained(seeds: Seeds) -> Iterator[Claim]:
    for name, sung in {"each note out by sd 60 cents": how(note_sd_cents=60.0), "half left out": _half}.items():
        yield Claim(
            13, f"{name}: points lost without a line and a reason", partial(_unexplained, seeds[:4], sung), 0.01
        )


def _unexplained(seeds: Seeds, sung: Sung) -> float:
    return max(_without_reason(score(new_tune(seed), sung(new_tune(seed), seed))) for seed in seeds)


def _without_reason(take: TakeScore) -> float:
    assert take.total is not None
    told = sum(loss.points for line in line_evidence(take, RULES) for loss in line.losses if loss.reason)
    return abs(100.0 - take.total - told)
