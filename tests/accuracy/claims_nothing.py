"""Laws 2, 3 and 8 on sound: noise, other songs, humming and speech."""

import itertools
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from inference.audio.files import load_mono_16k
from inference.domain.melody import Lyrics, Melody
from inference.domain.take_score import Heard, TakeScore
from tests.accuracy.claims import Claim
from tests.accuracy.takes import (
    ORIGINALS,
    SEED,
    SYNTHETIC,
    Original,
    Samples,
    by_notes,
    parts_of,
    score_of,
    sung_sound,
    tracked,
    vocadito_sound,
)
from tests.support import noises
from tests.support.channel import voiced_level
from tests.support.corpus import corpus, words_of
from tests.support.talker import spoken
from tests.support.voice import Voice
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import RULES, Singer

SECONDS = 33.0  # as long as vocadito_1
BACKING = "mixtures/Kevin_MacLeod_-_Vibe_Ace.hq.ogg"
SIREN_EARNS = 5.0  # it passes every note of the song twice in four seconds
SPOKEN_SONG = "Jonathan Coulton - First of May"
SONG_S = 20.0
OTHER_SONGS = ("Jonathan Coulton - When You Go", "Shearer - Man Song", "The Wasteland Wailers - Dare Master")
SPEECHES = (
    "speech/jfk.flac",
    "speech/198-209-0000.hq.ogg",
    "speech/3436-172162-0000.hq.ogg",
    "speech/5703-47212-0000.hq.ogg",
    "speech/librivox/sense_and_sensibility_01_austen_64kb-0880.wav",
    "pitch/voices/speech-male.wav",
    "pitch/voices/speech-female.wav",
)


def claims() -> list[Claim]:
    """Every claim of this file."""
    return [*nothing(), *another_song(), *humming(), *speech()]


NOISES: dict[str, Callable[[], Samples]] = {
    "silence": partial(noises.silence, SECONDS),
    "white noise": partial(noises.white, SECONDS),
    "pink noise": partial(noises.pink, SECONDS),
    "applause": partial(noises.applause, SECONDS),
    "a fan": partial(noises.fan, SECONDS),
    "mains hum of 50 Hz": partial(noises.mains_hum, SECONDS),
    "clicks": partial(noises.clicks, SECONDS),
}


def nothing() -> Iterator[Claim]:
    for (name, make), original in itertools.product(NOISES.items(), ORIGINALS):
        yield Claim(2, f"{name} against {original.name}", partial(_earned, original, make), 0.0)
    for original in ORIGINALS:
        yield Claim(
            2,
            f"a siren against {original.name}",
            partial(_earned, original, partial(noises.siren, SECONDS)),
            SIREN_EARNS,
        )
        yield Claim(
            2,
            f"nobody sings, music bleeds at -20 dB, against {original.name}",
            partial(_earned, original, partial(bleed_alone, -20.0)),
            0.0,
        )


@cache
def backing() -> Samples:
    return load_mono_16k(recording(BACKING))


def bleed_alone(bleed_db: float) -> Samples:
    """The backing as loud as it would be beside vocadito_1."""
    other = np.resize(backing(), len(vocadito_sound()))
    gain = voiced_level(vocadito_sound()) * 10 ** (bleed_db / 20) / float(np.sqrt(np.mean(other**2)))
    return np.asarray(gain * other, np.float32)


def _earned(original: Original, make: Callable[[], Samples]) -> float:
    return original.parts(make()).most


def another_song() -> Iterator[Claim]:
    yield Claim(3, "other songs sung by a synthetic voice, by sound: mean", partial(_of_others, np.mean), 10.0)
    yield Claim(3, "other songs sung by a synthetic voice, by sound: largest", partial(_of_others, np.max), 20.0)


def _of_others(summary: Callable[[list[float]], float]) -> float:
    """Over both parts of every pair of these songs and vocadito_1."""
    melodies = {name: corpus(SONG_S)[name] for name in (*OTHER_SONGS, "vocadito_1")}
    takes = {
        name: tracked(sung_sound(Singer(seed=number), Voice(seed=number), melodies[name]))
        for number, name in enumerate(OTHER_SONGS)
    }
    takes["vocadito_1"] = tracked(vocadito_sound())
    pairs = [(song, sung) for song, sung in itertools.product(melodies, takes) if song != sung]
    earned = [parts_of(score_of(by_notes(melodies[song]), takes[sung])) for song, sung in pairs]
    return float(summary([points for parts in earned for points in (parts.pitch, parts.rhythm)]))


def humming() -> Iterator[Claim]:
    yield Claim(8, "humming the right tune keeps pitch and rhythm: the lesser", _hum_least, 95.0, True)
    yield Claim(8, "humming the right tune: lyrics where nothing is heard", _hum_lyrics, 0.0)


def _hum_least() -> float:
    return SYNTHETIC.parts(_hum()).least


@cache
def _hum() -> Samples:
    return sung_sound(Singer(seed=SEED), Voice(closed=True, seed=SEED))


@cache
def _spoken_song() -> tuple[Melody, Lyrics]:
    melody = corpus(SONG_S)[SPOKEN_SONG]
    return melody, words_of(melody, "en")


def _hum_lyrics() -> float:
    melody, lyrics = _spoken_song()
    take = score_of(by_notes(melody, lyrics), tracked(_hum()), RULES, Heard("", ""))
    assert take.lyrics is not None
    return take.lyrics.points


def speech() -> Iterator[Claim]:
    yield Claim(8, "the words spoken in time: pitch", lambda: parts_of(_talk()).pitch, 15.0)
    yield Claim(8, "the words spoken in time: total", lambda: _total(_talk()), 45.0)
    yield Claim(8, "the words spoken in time: lyrics", _talk_lyrics, 99.0, True)
    for name in SPEECHES:
        for original in ORIGINALS:
            yield Claim(8, f"{name} against {original.name}: pitch", partial(_speech_pitch, name, original), 15.0)
    yield Claim(8, "the greatest total of a speech with every word right", _greatest_speech, 45.0)


@cache
def _talk() -> TakeScore:
    melody, lyrics = _spoken_song()
    said = " ".join(word.text for word in lyrics.words)
    return score_of(by_notes(melody, lyrics), tracked(spoken(lyrics, SONG_S + 2.0)), RULES, Heard(said, ""))


def _total(take: TakeScore) -> float:
    assert take.total is not None
    return take.total


def _talk_lyrics() -> float:
    lyrics = _talk().lyrics
    assert lyrics is not None
    return lyrics.points


def _speech(name: str) -> Samples:
    sound = load_mono_16k(recording(name))
    return np.resize(sound, len(vocadito_sound())).astype(np.float32)


def _speech_pitch(name: str, original: Original) -> float:
    return original.parts(_speech(name)).pitch


def _greatest_speech() -> float:
    """With full marks for the lyrics, which a speech may have."""
    parts = [original.parts(_speech(name)) for name in SPEECHES for original in ORIGINALS]
    return max(_with_lyrics(part.pitch, part.rhythm) for part in parts)


def _with_lyrics(pitch: float, rhythm: float) -> float:
    return RULES.pitch_weight * pitch + RULES.rhythm_weight * rhythm + RULES.lyrics_weight * 100.0
