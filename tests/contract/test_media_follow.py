"""The media server and the analysis that follows its takes: words come to the phone, and nothing waits for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from voicejury.rpc import build_server
from voicejury.tokens import Scope
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, live_pb2, song_pb2

from inference.analysis.following.followers import Followers
from inference.analysis.following.hooks import SungLine
from inference.models.estimators import build_estimator
from inference.service.following import follow_events
from media_server import follow
from tests.support.media import SECRET, free_port, media_house, next_message, tone, until

PHRASE = song_pb2.Phrase(onset_s=0.2, offset_s=0.8, notes=[song_pb2.Note(onset_s=0.2, offset_s=0.8, midi=57)])
LATER = song_pb2.Phrase(onset_s=60.0, offset_s=61.0, notes=[song_pb2.Note(onset_s=60.0, offset_s=61.0, midi=57)])
MELODY = song_pb2.Melody(phrases=[PHRASE, LATER])
SONG = song_pb2.Song(id="song", voices=[song_pb2.Voice(reference=song_pb2.Reference(melody=MELODY))])


class Hearing:
    """Says how many samples it heard of each line; more than a phone should be sent."""

    def hear(self, line: SungLine) -> Sequence[live_pb2.LineWords]:
        return [live_pb2.LineWords(phrase=line.phrase, heard=f"{len(line.samples)} " + "la " * 2_000)]


class FollowServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """The analysis, as far as it follows."""

    def __init__(self, followers: Followers) -> None:
        self._followers = followers
        self.asked: list[str] = []

    async def Judge(self, request: analysis_pb2.JudgeRequest, context: Any) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "only followed here")
        yield analysis_pb2.JudgeEvent()

    async def Follow(
        self, request: analysis_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[analysis_pb2.FollowEvent]:
        self.asked.append(request.session_id)
        async for event in follow_events(self._followers, request):
            yield event


@asynccontextmanager
async def analysis(data_dir: Path, port: int) -> AsyncIterator[FollowServicer]:
    followers = Followers((data_dir / "takes").as_uri(), build_estimator("tiny"), most=4, listener=Hearing())
    servicer = FollowServicer(followers)
    server = build_server(SECRET, frozenset({Scope.SERVICE}))
    analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(servicer, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield servicer
    finally:
        await server.stop(None)
        await asyncio.to_thread(followers.stop)


async def test_the_words_of_a_line_come_to_the_phone_cut_to_a_sane_length(tmp_path: Path) -> None:
    port = free_port()
    async with analysis(tmp_path, port), media_house(tmp_path, analysis_url=f"127.0.0.1:{port}") as house:
        house.song = SONG
        phone, _ = await house.call("a", tone(8.0))
        await phone.sing()
        words = await next_message(phone, "words")
        assert words.phrase == 0
        assert len(words.heard) == follow.MAX_HEARD
        assert 6_000 <= int(words.heard.split()[0]) <= 24_000


async def test_an_analysis_that_comes_back_is_asked_again(tmp_path: Path) -> None:
    port = free_port()
    async with media_house(tmp_path, analysis_url=f"127.0.0.1:{port}") as house:
        house.song = SONG
        phone, _ = await house.call("a", tone(20.0))
        await phone.sing()
        for _ in range(2):  # it is away at first, and is killed once
            async with analysis(tmp_path, port) as servicer:
                await until(partial(bool, servicer.asked))
        assert servicer.asked == ["a"]
        assert (await house.close("a")).sample_count > 0


async def test_without_an_analysis_a_take_is_kept_as_ever(tmp_path: Path) -> None:
    async with media_house(tmp_path, analysis_url=f"127.0.0.1:{free_port()}") as house:
        phone, _ = await house.call("a", tone(2.0))
        await phone.sing()
        await until(lambda: len(house.records("a")) > 30)
        reply = await house.close("a")
        assert reply.take_key == "a/take.spool"
        again, _ = await house.call("b", tone(2.0))
        await next_message(again, "pitch")
