"""The work behind the requests, when something that it needs sends what nobody can read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from signaling.background import Background
from signaling.preparing.preparing import Preparing
from signaling.services import BACKGROUND, SERVICES, Services
from signaling.store.events import WAKE_CHANNEL
from tests.contract.signaling_stage import Stage, until

NOT_TEXT = b"\xff\xfe"


def services_of(stage: Stage) -> Services:
    assert stage.api.app is not None
    services: Services = stage.api.app[SERVICES]
    return services


async def health(stage: Stage) -> tuple[int, dict[str, Any]]:
    async with stage.api.get("/health") as reply:
        return reply.status, await reply.json()


async def test_a_part_that_a_stranger_on_redis_ended_begins_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    redis = services_of(stage).events._redis

    async def is_listening() -> bool:
        return bool((await redis.pubsub_numsub(WAKE_CHANNEL))[0][1])

    async def has_ended() -> bool:
        return "wake-ups has ended (UnicodeDecodeError)" in caplog.text

    async def is_well() -> bool:
        found = await health(stage)
        return bool(found[1]["dependencies"]["background"]["status"] == "ok")

    await until(is_listening)
    with caplog.at_level(logging.CRITICAL):
        await redis.publish(WAKE_CHANNEL, NOT_TEXT)
        await until(has_ended)
    await until(is_well)
    await until(is_listening)
    session_id, token = await stage.sing()
    assert (await stage.until_over(session_id, token))[-1][0] == "verdict"


async def test_health_tells_who_has_ended_and_not_the_errors_words(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_preparing: Preparing) -> None:
        raise KeyError("a secret key")

    monkeypatch.setattr(Preparing, "run", broken)
    monkeypatch.setattr("signaling.background.FIRST_WAIT_S", 60.0)
    await embedded_stage.again()
    status, found = await health(embedded_stage)
    assert (status, found["status"]) == (503, "down")
    background = found["dependencies"]["background"]
    assert background["status"] == "down"
    assert background["detail"] == "preparing has ended (KeyError) and begins again soon"
    assert "a secret key" not in caplog.text
    session_id, token = await embedded_stage.sing()  # the others go on
    assert (await embedded_stage.until_over(session_id, token))[-1][0] == "verdict"


async def test_without_its_tidying_the_house_is_degraded_only(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedded_stage.api.app is not None
    background = embedded_stage.api.app[BACKGROUND]
    monkeypatch.setattr(type(background), "ended", property(lambda _: {"retention": "OSError"}))
    status, found = await health(embedded_stage)
    assert (status, found["dependencies"]["background"]["status"]) == (200, "degraded")


def counted(fails: int, begun: list[float], *, by: Callable[[], Exception]) -> Callable[[], Awaitable[None]]:
    """A job that fails so often, then works."""

    async def job() -> None:
        begun.append(asyncio.get_running_loop().time())
        if len(begun) <= fails:
            raise by()
        await asyncio.Event().wait()

    return job


@pytest.mark.parametrize(
    "by", [lambda: OSError("a path"), lambda: ExceptionGroup("parts", [ExceptionGroup("of a part", [OSError("x")])])]
)
async def test_each_new_beginning_comes_later_and_the_others_go_on(by: Callable[[], Exception]) -> None:
    failing: list[float] = []
    steady: list[float] = []
    background = Background(
        {"judging": counted(4, failing, by=by), "retention": counted(0, steady, by=by)}, first_wait_s=0.05
    )
    work = asyncio.create_task(background.run())

    async def has_recovered() -> bool:
        return len(failing) == 5

    async def has_ended() -> bool:
        return background.ended == {"judging": "OSError"}

    await until(has_ended)
    await until(has_recovered)
    waits_s = [after - before for before, after in pairwise(failing)]
    assert all(wait_s >= 0.05 * 2**n for n, wait_s in enumerate(waits_s))
    assert (background.ended, len(steady)) == ({}, 1)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert background.ended.keys() == {"judging", "retention"}
