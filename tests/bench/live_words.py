"""The words of a song spoken in time, through the Follow service and by the toy model, beside the final ones."""

import asyncio
import tempfile
import threading
import time
from pathlib import Path

import grpc
import jiwer
import numpy as np
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, live_pb2, song_pb2

from inference.analysis.following.followers import Followers
from inference.analysis.judging import pitch, rules_of, sung_take
from inference.analysis.references import read_reference
from inference.analysis.words.live import LiveWords
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.server import Address, ServerTier
from inference.analysis.words.streaming import StreamedWords
from inference.analysis.words.tiers import Samples
from inference.analysis.words.whisper import WhisperTier
from inference.analysis.words_heard import WordTools, hear_words
from inference.audio.take import read_take
from inference.domain.lyrics_text import normalise
from inference.jobs.takes import TakeStore
from inference.models.estimators import build_estimator
from inference.service.analysis import AnalysisServicer
from tests.bench.figures import Figure
from tests.support.growing_spool import GrowingSpool
from tests.support.nursery import laid_out, nursery_song, said, word_places
from tests.support.speech_server import answers, fails, hangs, hears, sends, speech_server
from tests.unit.recordings import recording

PACKET_S = 0.02
SESSION = "bench"
Arrivals = list[tuple[live_pb2.LineWords, float]]  # and when, on the monotonic clock


class _NoJobs:
    """Nothing is judged here."""


def live_words() -> list[Figure]:
    return [figure for language in ("fr", "en") for figure in _of(language)] + tiers()


def _of(language: str) -> list[Figure]:
    song, heard = nursery_song(language), Recogniser([WhisperTier(recording("models/whisper-toy"))])
    samples = said(song)
    heard.hear(samples[:16_000], language, 60.0)  # the model is loaded before the song
    with tempfile.TemporaryDirectory() as folder:
        begun_s, arrivals = asyncio.run(_sung(Path(folder), song, samples, heard))
        final, alone = _final(Path(folder), song, heard)
    ends_s = [phrase.offset_s for phrase in song.voices[0].reference.melody.phrases]
    newest = {words.phrase: (words.heard, at_s) for words, at_s in arrivals}
    delays_s = [at_s - begun_s - ends_s[line] for line, (_, at_s) in newest.items()]
    live = " ".join(newest[line][0] for line in sorted(newest))
    written = " ".join(phrase.text for phrase in song.voices[0].reference.melody.phrases)
    name = f"live, {len(ends_s)} lines spoken in time, {language}"
    return [
        Figure(f"{name}: lines whose words were told", 100.0 * len(newest) / len(ends_s), "%", 90.0, at_least=True),
        Figure(f"{name}: verdict after the line's end, p50", float(np.percentile(delays_s, 50)), "s", 1.0),
        Figure(f"{name}: verdict after the line's end, p95", float(np.percentile(delays_s, 95)), "s"),
        Figure(f"{name}: word error rate against the final words", _error_rate(final, live, language), "%", 10.0),
        Figure(f"{name}: word error rate against final words heard anew", _error_rate(alone, live, language), "%"),
        Figure(
            f"{name}: error rate of the final words against the written ones",
            _error_rate(written, final, language),
            "%",
        ),
    ]


def streamed_words() -> list[Figure]:
    """Plain lyrics whose times nobody knows: heard as they are sung, in time."""
    return [figure for language in ("fr", "en") for figure in _streamed(language)]


def _streamed(language: str) -> list[Figure]:
    timed, heard = nursery_song(language), Recogniser([WhisperTier(recording("models/whisper-toy"))])
    song, samples = laid_out(timed), said(timed)
    heard.hear(samples[:16_000], language, 60.0)  # the model is loaded before the song
    with tempfile.TemporaryDirectory() as folder:
        begun_s, arrivals = asyncio.run(_sung(Path(folder), song, samples, heard))
        final, _ = _final(Path(folder), song, heard)
    lit_s: dict[tuple[int, int], float] = {}
    for words, at_s in arrivals:
        for word in words.words:
            if word.state == live_pb2.WORD_STATE_HEARD:
                lit_s.setdefault((words.phrase, word.word), at_s - begun_s)
    ends_s = [word.offset_s for word in timed.voices[0].reference.lyrics.words]
    delays_s = [lit_s[place] - end_s for place, end_s in zip(word_places(song), ends_s, strict=True) if place in lit_s]
    newest = {words.phrase: words.heard for words, _ in arrivals}
    live = " ".join(newest[line] for line in sorted(newest))
    written = " ".join(phrase.text for phrase in timed.voices[0].reference.melody.phrases)
    name = f"streaming, {len(ends_s)} words without times, {language}"
    return [
        Figure(f"{name}: words that lit up", 100.0 * len(delays_s) / len(ends_s), "%", 75.0, at_least=True),
        Figure(f"{name}: a word lights up after its end, p50", float(np.percentile(delays_s, 50)), "s"),
        Figure(f"{name}: a word lights up after its end, p95", float(np.percentile(delays_s, 95)), "s"),
        Figure(f"{name}: word error rate against the final words", _error_rate(final, live, language), "%"),
        Figure(f"{name}: word error rate against the written ones", _error_rate(written, live, language), "%"),
        Figure(f"{name}: of the final words against the written ones", _error_rate(written, final, language), "%"),
    ]


def _error_rate(reference: str, text: str, language: str) -> float:
    return 100.0 * float(jiwer.wer(normalise(reference, language), normalise(text, language)))


async def _sung(folder: Path, song: song_pb2.Song, samples: Samples, heard: Recogniser) -> tuple[float, Arrivals]:
    """When the song began on the monotonic clock, and what was told."""
    estimator = build_estimator("tiny", 1)
    listeners = LiveWords(heard, estimator), StreamedWords(heard, estimator)
    followers = Followers(folder.as_uri(), build_estimator("tiny", 1), 1, None, *listeners)
    server = grpc.aio.server()
    servicer = AnalysisServicer(_NoJobs(), TakeStore(folder.as_uri()), followers)  # type: ignore[arg-type]
    analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    spool, begun = GrowingSpool(folder, SESSION, samples, np.ones(len(samples), np.bool_)), threading.Event()
    begun_s = [0.0]

    def sing() -> None:
        begun_s[0] = time.monotonic()
        begun.set()
        while spool.sung_s < len(samples) / 16_000 - PACKET_S:
            spool.sing(PACKET_S)
            time.sleep(max(0.0, begun_s[0] + spool.sung_s - time.monotonic()))
        spool.seal()

    arrivals: Arrivals = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = analysis_pb2_grpc.AnalysisServiceStub(channel)
        events = stub.Follow(analysis_pb2.FollowRequest(session_id=SESSION, song=song))
        await asyncio.sleep(0.5)
        singing = asyncio.create_task(asyncio.to_thread(sing))
        async for event in events:
            arrivals.append((event.words, time.monotonic()))
        await singing
    followers.stop()
    await server.stop(None)
    return begun_s[0], arrivals


def _final(folder: Path, song: song_pb2.Song, heard: Recogniser) -> tuple[str, str]:
    """The words stage's transcript with what is known, and by a recogniser that knows nothing."""
    rules = rules_of(0)
    with (folder / SESSION / "take.spool").open("rb") as file:
        sung = sung_take(read_take(file))
    written, track = read_reference(song, rules), pitch(sung, build_estimator("tiny", 1), rules).track
    fresh = Recogniser([WhisperTier(recording("models/whisper-toy"))])
    found = [hear_words(sung, song, written, track, WordTools(one), "") for one in (heard, fresh)]
    return found[0].text, found[1].text


def tiers() -> list[Figure]:
    """A server that hangs, refuses or answers nonsense stands before one that hears."""
    line = said(nursery_song("fr"))[: 16_000 * 4]
    bad = {"hangs": hangs, "answers 429": fails(429), "answers 500": fails(500), "answers nonsense": sends("{]")}
    bad["hears English"] = answers("the moon", "english")
    rows = []
    with speech_server(hears(recording("models/whisper-toy"))) as good:
        for name, behave in bad.items():
            with speech_server(behave) as server:
                first = ServerTier(Address("server", server.base_url, "bad"), 1.0)
                both = Recogniser([first, ServerTier(Address("groq", good.base_url, "good"), 10.0)])
                waits_s = [_waited_s(both, line[place:]) for place in range(6)]
            rows.append(Figure(f"a server that {name}, and one that hears: first line", waits_s[0], "s", 3.0))
            rows.append(
                Figure(f"a server that {name}, and one that hears: once it is left alone", waits_s[-1], "s", 2.0)
            )
    return rows


def _waited_s(recogniser: Recogniser, samples: Samples) -> float:
    start_s = time.monotonic()
    found = recogniser.hear(samples, "fr", 10.0)
    assert found.recogniser == "groq good", "the good server was not asked"
    return time.monotonic() - start_s
