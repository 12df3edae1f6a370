"""AnalysisService.Follow: takes worked on while they are sung."""

import asyncio
from collections.abc import AsyncIterator

from voicejury.v1 import analysis_pb2, live_pb2

from inference.analysis.following.follower import Followed
from inference.analysis.following.followers import Followers
from inference.analysis.judging import rules_of
from inference.contract import song_melody
from inference.jobs.takes import check_session_id

MAX_UNREAD = 1_000  # lines: no song has as many; a client that does not read is told no more


async def follow_events(
    followers: Followers, request: analysis_pb2.FollowRequest
) -> AsyncIterator[analysis_pb2.FollowEvent]:
    """Until the take is sealed. Raises RequestError, SongError, OverloadedError."""
    check_session_id(request.session_id)
    song_melody(request.song)
    loop, words = asyncio.get_running_loop(), asyncio.Queue[live_pb2.LineWords | None](MAX_UNREAD)

    def put(line: live_pb2.LineWords | None) -> None:
        if words.full():
            words.get_nowait()
        words.put_nowait(line)

    def on_words(line: live_pb2.LineWords | None) -> None:
        loop.call_soon_threadsafe(put, line)

    what = Followed(request.session_id, request.song, rules_of(request.level))
    try:
        await asyncio.to_thread(followers.follow, what, on_words)
        while (line := await words.get()) is not None:
            yield analysis_pb2.FollowEvent(words=line)
    finally:
        await asyncio.to_thread(followers.leave, request.session_id, on_words)
