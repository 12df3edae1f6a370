"""Past takes and the leaderboard. Public: it names no session."""

from dataclasses import fields
from datetime import UTC

from aiohttp import web

from signaling.routes.answers import read_query
from signaling.routes.schemas import HistoryQuery, HistoryReply, Ranked, TakeSummary
from signaling.services import KEPT, SERVICES
from signaling.store.results import Take


async def history(request: web.Request) -> web.Response:
    results = request.app[SERVICES].results
    query = read_query(request, HistoryQuery)
    before = query.before
    if before is not None and before.tzinfo is None:
        before = before.replace(tzinfo=UTC)
    kept, made_from = request.app[KEPT], ("history", await results.version(), query.song_id, query.limit, before)
    if (known := kept.get(made_from)) is not None:
        return known
    takes = await results.history(query.song_id, query.limit, before)
    board = await results.leaderboard(query.song_id) if query.song_id is not None else []
    ranked = [
        Ranked(rank=rank, singer=best.singer or "", total=best.total, sung_at=best.sung_at)
        for rank, best in enumerate(board, start=1)
    ]
    reply = HistoryReply.model_construct(takes=[_summary(take) for take in takes], leaderboard=ranked)
    return kept.keep(made_from, reply)


def _summary(take: Take) -> TakeSummary:
    """As the store keeps it: to check ten thousand points of curves again would take longer than all the rest."""
    values = {field.name: getattr(take, field.name) for field in fields(take)}
    return TakeSummary.model_construct(**{**values, "singer": take.singer or ""})
