"""Times of each word of a track: asked, made, and how far the making is."""

import re
from typing import Any

from aiohttp import web

from signaling.errors import ProblemError
from signaling.routes.answers import answer, read_body
from signaling.routes.lyrics import LYRICS_LIMIT
from signaling.routes.schemas_word_times import (
    GenerateReply,
    GenerateRequest,
    TaskError,
    TimedWord,
    WordTaskReply,
    WordTimesReply,
)
from signaling.services import KEPT, SERVICES

TASK_ID = re.compile(r"[0-9a-f]{64}")
MAX_ID_CHARACTERS = 200


async def word_times(request: web.Request) -> web.Response:
    track_id = request.match_info["id"]
    known = None
    if len(track_id) <= MAX_ID_CHARACTERS:
        known = await request.app[SERVICES].word_timing.known(track_id)
    if known is None:
        raise ProblemError(404, "no-word-times", "The words of this track have no times yet.")
    made_from = ("word times", track_id, known.kept.fingerprint, known.kept.made_at, known.offset_s)
    if (again := request.app[KEPT].get(made_from)) is not None:
        return again
    times = known.at_offset()
    words = [TimedWord(**_sung(word)) for word in times.words]
    reply = WordTimesReply(track_id=track_id, method=times.method, words=words, made_at=times.made_at)
    return request.app[KEPT].keep(made_from, reply)


def _sung(word: dict[str, Any]) -> dict[str, Any]:
    """Nothing begins before the song, however far its words were moved."""
    return word | {name: max(word[name], 0.0) for name in ("onset_s", "offset_s")}


async def generate(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    wanted = await read_body(request, GenerateRequest)
    task_id = await request.app[SERVICES].word_timing.ask(wanted.track_id, wanted.method)
    return answer(GenerateReply(task_id=task_id), 202)


async def task(request: web.Request) -> web.Response:
    task_id = request.match_info["id"]
    found = None
    if TASK_ID.fullmatch(task_id):
        found = await request.app[SERVICES].word_timing.store.task(task_id)
    if found is None:
        raise ProblemError(404, "no-word-times", "There is no such task, or it was lost with a restart; ask again.")
    error = TaskError(**found.error) if found.error is not None else None
    return answer(WordTaskReply(task_id=task_id, state=found.state, fraction=found.fraction, error=error))
