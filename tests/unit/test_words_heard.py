"""Words of whole takes by the toy Whisper: live and afterwards, hums, other songs, other languages, original voices."""

import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from voicejury.v1 import live_pb2, song_pb2, verdict_pb2

from inference.analysis.following.follower import Followed
from inference.analysis.following.followers import Followers
from inference.analysis.following.hearing import Hearing
from inference.analysis.following.hooks import SungLine
from inference.analysis.judging import Pitched, Separated, pitch, rules_of, score, sung_file
from inference.analysis.references import read_reference
from inference.analysis.words.cuts import cut_samples, line_cuts
from inference.analysis.words.live import LiveWords
from inference.analysis.words.original import FILE_NAME, Originals
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.tiers import Samples, Spoken, UnheardError
from inference.analysis.words.whisper import WhisperTier
from inference.analysis.words_heard import WordTools, hear_words
from inference.domain.line_words import Place
from inference.domain.take_score import Heard
from inference.jobs.values import heard_bytes, read_heard
from inference.models.estimators import build_estimator
from inference.models.whisper_lines import WhisperLines
from tests.support.growing_spool import GrowingSpool
from tests.support.nursery import ENGLISH, FRENCH, hummed, nursery_song, said
from tests.unit.recordings import recording

RULES = rules_of(0)
LINES = FRENCH[:4]
PATIENCE_S = 60.0
HEARD, MISSING = live_pb2.WORD_STATE_HEARD, live_pb2.WORD_STATE_MISSING


class CountedWhisper(WhisperTier):
    """The toy, counting what it is asked."""

    def __init__(self) -> None:
        super().__init__(recording("models/whisper-toy"))
        self.asked = 0

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        self.asked += 1
        return super().hear(samples, language, budget_s)


class Deaf:
    name, at_once = "deaf", 1

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        raise UnheardError("no answer in time")


@pytest.fixture
def whisper() -> CountedWhisper:
    return CountedWhisper()


@cache
def song() -> song_pb2.Song:
    return nursery_song("fr", LINES)


@cache
def voice() -> Samples:
    return said(song())


_pitched: dict[bytes, Pitched] = {}  # the pitch of a sound is not what these tests are about


def judged(samples: Samples, tools: WordTools | None, what: song_pb2.Song | None = None) -> verdict_pb2.Verdict:
    """As `judge` does it."""
    sung, asked = sung_file(samples), what or song()
    written = read_reference(asked, RULES)
    if sung.digest not in _pitched:
        _pitched[sung.digest] = pitch(sung, build_estimator("tiny"), RULES)
    pitched = _pitched[sung.digest]
    heard = hear_words(sung, asked, written, pitched.track, tools, "nobody hears words")
    return score(Separated(sung, None), pitched, heard, asked, written, RULES)


def line_states(verdict: verdict_pb2.Verdict) -> list[list[int]]:
    return [[word.state for word in line.words] for line in verdict.lines]


def test_each_written_word_of_the_verdict_has_its_state(whisper: CountedWhisper) -> None:
    verdict = judged(voice(), WordTools(Recogniser([whisper])))
    assert verdict.lyrics > 75
    assert whisper.asked == len(LINES)
    found = line_states(verdict)
    assert [len(states) for states in found] == [len(line.split()) for line in LINES]
    assert np.mean([state == HEARD for states in found for state in states]) > 0.75
    assert [word.word for word in verdict.lines[0].words] == [0, 1, 2, 3, 4]
    assert all(0 < word.certainty <= 1 for line in verdict.lines for word in line.words)


def test_a_hum_is_worth_nothing(whisper: CountedWhisper) -> None:
    assert judged(hummed(song()), WordTools(Recogniser([whisper]))).lyrics == 0


def test_silence_is_not_even_listened_to(whisper: CountedWhisper) -> None:
    verdict = judged(np.zeros_like(voice()), WordTools(Recogniser([whisper])))
    assert whisper.asked == 0
    assert verdict.lyrics == 0


def test_the_words_of_another_song_in_another_language_are_worth_little(whisper: CountedWhisper) -> None:
    other = said(song(), ENGLISH[:4], language="en")
    assert judged(other, WordTools(Recogniser([whisper]))).lyrics < 20


def test_without_a_recogniser_and_where_none_answers_the_reason_is_told() -> None:
    assert judged(voice(), None).reasons["lyrics"] == "nobody hears words"
    verdict = judged(voice(), WordTools(Recogniser([Deaf()])))
    assert not verdict.HasField("lyrics")
    assert verdict.reasons["lyrics"] == "the words were not heard: deaf: no answer in time"


def test_a_song_in_no_language_that_is_known_says_so(whisper: CountedWhisper) -> None:
    silent = nursery_song("", ("zorg blip", "fnord quux"))
    verdict = judged(said(song(), None)[: round(16_000 * silent.duration_s)], WordTools(Recogniser([whisper])), silent)
    assert verdict.reasons["lyrics"] == "the song does not say which language it is in"
    assert whisper.asked == 0


def test_known_words_never_reach_the_decoder(whisper: CountedWhisper, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put before the text is the same whatever the song is."""
    model = WhisperLines(recording("models/whisper-toy"))
    network, prompts = model._aligner.model.model, list[Any]()

    class Watched:
        def generate(self, encoded: Any, prompt: Any, **options: Any) -> Any:
            prompts.append(prompt)
            return network.generate(encoded, prompt, **options)

        def __getattr__(self, name: str) -> Any:
            return getattr(network, name)

    monkeypatch.setattr(model._aligner.model, "model", Watched())
    monkeypatch.setattr(whisper, "_lines", model)
    judged(voice(), WordTools(Recogniser([whisper])))
    tokenizer = model._aligner.tokenizer("fr")
    assert prompts == [[[*tokenizer.sot_sequence, tokenizer.no_timestamps]]] * len(LINES)


def followed(takes: Path, listener: LiveWords, samples: Samples, what: song_pb2.Song) -> list[live_pb2.LineWords]:
    spool = GrowingSpool(takes, "a", samples, np.ones(len(samples), np.bool_))
    told, over = list[live_pb2.LineWords](), list[bool]()
    followers = Followers(takes.as_uri(), build_estimator("tiny"), most=1, listener=listener)
    followers.follow(Followed("a", what, RULES), lambda words: told.append(words) if words else over.append(True))
    while spool.sung_s < len(samples) / 16_000 - 0.5:
        spool.sing(0.77)
    spool.seal()
    give_up = time.monotonic() + PATIENCE_S
    while not over:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    followers.stop()
    return told


def test_lines_that_were_heard_while_they_were_sung_are_not_heard_again(
    tmp_path: Path, whisper: CountedWhisper
) -> None:
    heard = Recogniser([whisper])
    spooled = (np.rint(np.clip(voice(), -1, 1) * 32_767).astype("<i2") / np.float32(32_768)).astype(np.float32)
    followed(tmp_path, LiveWords(heard, build_estimator("tiny")), voice(), song())
    live = whisper.asked  # sung faster than anybody can: a busy machine leaves lines out
    assert 1 <= live <= len(LINES)
    judged(spooled, WordTools(heard))
    assert whisper.asked == len(LINES)


def test_live_words_are_told_with_their_states_and_who_heard_them(tmp_path: Path, whisper: CountedWhisper) -> None:
    told = followed(tmp_path, LiveWords(Recogniser([whisper]), build_estimator("tiny")), voice(), song())
    states = [word.state for words in told for word in words.words]
    assert np.mean([state == HEARD for state in states]) > 0.75
    assert {words.recogniser for words in told} == {whisper.name}


def live_lines(samples: Samples, listener: LiveWords, measured: bool = True) -> list[live_pb2.LineWords]:
    sung = sung_file(samples)
    cuts = line_cuts(sung, read_reference(song(), RULES).melody.phrases)
    lines = [
        SungLine("a", song(), cut.phrase, cut_samples(sung, cut), np.full(cut.stop - cut.first, measured), 0.0)
        for cut in cuts
    ]
    return [words for line in lines for words in listener.hear(line)]


def test_where_nobody_sings_all_words_are_missing_and_nobody_is_asked(whisper: CountedWhisper) -> None:
    told = live_lines(np.zeros_like(voice()), LiveWords(Recogniser([whisper]), build_estimator("tiny")))
    assert whisper.asked == 0
    assert {word.state for words in told for word in words.words} == {MISSING}


def test_of_a_line_that_did_not_arrive_nothing_is_said(whisper: CountedWhisper) -> None:
    listener = LiveWords(Recogniser([whisper]), build_estimator("tiny"))
    assert live_lines(voice(), listener, measured=False) == []
    assert live_lines(voice(), LiveWords(Recogniser([Deaf()]), build_estimator("tiny"))) == []


def test_a_word_that_comes_with_the_next_line_makes_the_line_before_late() -> None:
    class Told:
        name, at_once = "told", 1
        texts = iter(["au clair de la", "lune mon ami pierrot", "prête-moi ta plume", "pour écrire un mot"])

        def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
            return Spoken(next(self.texts), -0.1)

    told = live_lines(voice(), LiveWords(Recogniser([Told()]), build_estimator("tiny")))
    assert [words.phrase for words in told] == [0, 0, 1, 2, 3]
    assert [words.words[4].state for words in told[:2]] == [MISSING, live_pb2.WORD_STATE_LATE]


def test_a_line_that_waited_for_longer_than_it_lasted_is_left_out() -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow:
        def __init__(self) -> None:
            self.phrases: list[int] = []

        def hear(self, line: SungLine) -> list[live_pb2.LineWords]:
            self.phrases.append(line.phrase)
            begun.set()
            assert go.wait(PATIENCE_S)
            return []

    slow, ended = Slow(), list[bool]()
    hearing = Hearing(slow, lambda session_id, words: None)
    for phrase, count in enumerate((960_000, 4_800, 4_800, 4_800, 4_800)):
        hearing.add(SungLine("a", song(), phrase, np.zeros(count, np.float32), np.ones(count, np.bool_), 0.0))
    assert begun.wait(PATIENCE_S)
    time.sleep(0.5)  # longer than the short ones
    go.set()
    hearing.end(lambda: ended.append(True))
    give_up = time.monotonic() + PATIENCE_S
    while not ended:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    hearing.stop()
    assert slow.phrases == [0]
    assert hearing.left_out == 4


def with_voice(songs: Path, samples: Samples) -> song_pb2.Song:
    own = song_pb2.Song()
    own.CopyFrom(song())
    own.vocals_key = "vocals.flac"
    (songs / own.id).mkdir(parents=True)
    soundfile.write(songs / own.id / own.vocals_key, samples, 16_000)
    return own


def test_words_are_worth_what_is_heard_of_the_original_voice(tmp_path: Path, whisper: CountedWhisper) -> None:
    """The original leaves a line out that the recogniser would hear: who sings the rest has all that can be heard."""
    part = voice().copy()
    part[round(16_000 * (song().voices[0].reference.melody.phrases[3].onset_s - 0.5)) :] = 0
    own = with_voice(tmp_path, part)
    tools = WordTools(Recogniser([whisper]), Originals(tmp_path.as_uri()))
    alone, relative = judged(part, WordTools(Recogniser([whisper]))), judged(part, tools, own)
    assert not alone.HasField("reference_heard")
    assert alone.lyrics < 80
    assert relative.reference_heard == pytest.approx(alone.lyrics / 100)
    assert relative.lyrics == pytest.approx(100)


def test_an_original_voice_is_heard_once_for_its_words(tmp_path: Path, whisper: CountedWhisper) -> None:
    own, heard = with_voice(tmp_path, voice()), Recogniser([whisper])
    first = Originals(tmp_path.as_uri()).heard(own, read_reference(own, RULES), "fr", heard)
    assert first
    assert whisper.asked == len(LINES)
    assert (tmp_path / own.id / "work" / FILE_NAME).is_file()
    another_process, fresh = Originals(tmp_path.as_uri()), CountedWhisper()
    assert another_process.heard(own, read_reference(own, RULES), "fr", Recogniser([fresh])) == first
    assert fresh.asked == 0
    own.voices[0].reference.lyrics.words[0].text = "autres"
    another_process.heard(own, read_reference(own, RULES), "fr", Recogniser([fresh]))
    assert fresh.asked == len(LINES)


def test_what_another_recogniser_heard_of_the_original_is_not_kept_as_the_first_ones(
    tmp_path: Path, whisper: CountedWhisper
) -> None:
    own = with_voice(tmp_path, voice())
    stood_in = Originals(tmp_path.as_uri()).heard(own, read_reference(own, RULES), "fr", Recogniser([Deaf(), whisper]))
    assert stood_in
    assert not (tmp_path / own.id / "work" / FILE_NAME).exists()


@pytest.mark.parametrize("vocals_key", ["", "gone.flac", "../../secret.flac", ".."])
def test_a_song_without_a_voice_of_its_own_is_scored_as_it_is(
    tmp_path: Path, whisper: CountedWhisper, vocals_key: str
) -> None:
    own = song_pb2.Song()
    own.CopyFrom(song())
    own.vocals_key = vocals_key
    originals = Originals(tmp_path.as_uri())
    assert originals.heard(own, read_reference(own, RULES), "fr", Recogniser([whisper])) is None


def test_what_was_heard_survives_as_bytes() -> None:
    heard = Heard("au clair", "", "au clair de la lune", frozenset({Place(0, 1)}), {0: 0.5, 3: 1.0})
    assert read_heard(heard_bytes(heard)) == heard
