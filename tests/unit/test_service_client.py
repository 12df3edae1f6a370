"""The client of outside services, against a real server in every mood."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import TypeAdapter

from signaling.errors import ServiceError
from signaling.net import services as net
from signaling.net.services import Ask, Kind, ServiceClient
from tests.support.song_services import Mood, Recording, SongServices, params_of, patience_s, song_services

RECORDS = TypeAdapter(list[dict[str, object]])


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        running.recordings.append(Recording("a", "Le vent", "Personne", plain="Le vent"))
        yield running


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(
    clock: Clock, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServiceClient]:
    monkeypatch.setattr(net, "TOTAL_S", patience_s(params_of(request).get("mood")))
    monkeypatch.setattr(net, "CONNECT_S", 60.0)
    monkeypatch.setattr(net, "RETRY_PAUSE_S", 0.01)
    running = ServiceClient(clock)
    yield running
    await running.aclose()


def a_search(outside: SongServices, **more: object) -> Ask:
    return Ask("lrclib", f"{outside.url}/lrclib/api/search", params={"track_name": "le vent"}, **more)  # type: ignore[arg-type]


async def failure(client: ServiceClient, ask: Ask) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await client.ask(ask)
    return caught.value


async def test_a_good_answer_is_read_and_the_service_learns_who_asks(
    outside: SongServices, client: ServiceClient
) -> None:
    reply = await client.ask(a_search(outside))
    assert [one["trackName"] for one in reply.read(RECORDS)] == ["Le vent"]
    assert outside.seen[0].headers["User-Agent"].startswith("voicejury/")
    assert outside.seen[0].query == {"track_name": "le vent"}


@pytest.mark.parametrize(
    ("mood", "kind", "requests"),
    [
        (Mood.LIMITED, Kind.LIMITED, 1),
        (Mood.BROKEN, Kind.BROKEN, 1),
        (Mood.SLOW, Kind.SLOW, 1),
        (Mood.HUGE, Kind.TOO_LARGE, 1),
        (Mood.HALF, Kind.BROKEN, 1),
        (Mood.ELSEWHERE, Kind.REDIRECTED, 1),
        (Mood.REFUSED, Kind.REFUSED, 1),
        (Mood.GONE, Kind.UNREACHABLE, 2),
    ],
)
async def test_each_bad_mood_is_told_by_its_kind_and_only_a_lost_connection_is_tried_again(
    outside: SongServices, client: ServiceClient, mood: Mood, kind: Kind, requests: int
) -> None:
    outside.moods["lrclib"] = mood
    error = await failure(client, a_search(outside))
    assert error.kind == kind
    assert error.service == "lrclib"
    assert len(outside.seen) == requests
    assert outside.url.rsplit(":", 1)[1] not in str(error)


@pytest.mark.parametrize("mood", [Mood.NONSENSE, Mood.EMPTY])
async def test_what_is_no_json_of_the_right_shape_is_nonsense(
    outside: SongServices, client: ServiceClient, mood: Mood
) -> None:
    outside.moods["lrclib"] = mood
    reply = await client.ask(a_search(outside))
    with pytest.raises(ServiceError) as caught:
        reply.read(RECORDS)
    assert caught.value.kind == Kind.NONSENSE


async def test_a_connection_that_was_lost_once_is_not_noticed(outside: SongServices, client: ServiceClient) -> None:
    outside.moods["lrclib"] = Mood.GONE
    outside.once.add("lrclib")
    assert (await client.ask(a_search(outside))).status == 200
    assert len(outside.seen) == 2


async def test_nobody_listens_there(client: ServiceClient) -> None:
    error = await failure(client, Ask("lrclib", "http://127.0.0.1:1/api/get"))
    assert error.kind == Kind.UNREACHABLE


async def test_what_speaks_no_http_or_has_no_address_is_nonsense(client: ServiceClient) -> None:
    assert (await failure(client, Ask("lrclib", "no address"))).kind == Kind.NONSENSE


async def test_the_wait_that_a_service_asks_for_is_kept_and_then_over(
    outside: SongServices, client: ServiceClient, clock: Clock
) -> None:
    outside.moods["lrclib"] = Mood.LIMITED
    outside.once.add("lrclib")
    assert (await failure(client, a_search(outside))).retry_after_s == 7
    clock.now_s += 6.9
    error = await failure(client, a_search(outside))
    assert error.kind == Kind.PAUSED
    assert error.retry_after_s == pytest.approx(0.1)
    assert len(outside.seen) == 1
    other = Ask("genius", f"{outside.url}/lrclib/api/search", params={"track_name": "le vent"})
    assert (await client.ask(other)).status == 200
    clock.now_s += 0.2
    assert (await client.ask(a_search(outside))).status == 200


@pytest.mark.parametrize(
    ("written", "wait_s"),
    [("999999999", net.MAX_PAUSE_S), ("0", 1.0), ("soon", None), ("-5", None), ("", None)],
)
async def test_an_odd_wait_is_bounded_or_passed_over(
    outside: SongServices, client: ServiceClient, clock: Clock, written: str, wait_s: float | None
) -> None:
    outside.moods["lrclib"], outside.retry_after = Mood.LIMITED, written
    assert (await failure(client, a_search(outside))).retry_after_s == wait_s
    clock.now_s += (wait_s or net.LIMITED_PAUSE_S) - 0.5
    assert (await failure(client, a_search(outside))).kind == Kind.PAUSED


async def test_a_wait_may_be_a_date(outside: SongServices, client: ServiceClient) -> None:
    outside.moods["lrclib"] = Mood.LIMITED
    outside.retry_after = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert (await failure(client, a_search(outside))).retry_after_s == pytest.approx(60, abs=2)


async def test_a_service_that_fails_three_times_in_a_row_is_left_alone_for_a_while(
    outside: SongServices, client: ServiceClient, clock: Clock
) -> None:
    outside.moods["lrclib"] = Mood.BROKEN
    for _ in range(net.FAILURES_TO_PAUSE):
        assert (await failure(client, a_search(outside))).kind == Kind.BROKEN
    assert (await failure(client, a_search(outside))).kind == Kind.PAUSED
    assert len(outside.seen) == net.FAILURES_TO_PAUSE
    clock.now_s += net.BROKEN_PAUSE_S
    outside.moods.clear()
    assert (await client.ask(a_search(outside))).status == 200
    outside.moods["lrclib"] = Mood.BROKEN
    assert (await failure(client, a_search(outside))).kind == Kind.BROKEN  # the count began anew


async def test_an_answer_at_the_limit_is_taken_and_one_byte_more_is_not(
    outside: SongServices, client: ServiceClient
) -> None:
    size = len((await client.ask(a_search(outside))).body)
    assert len((await client.ask(a_search(outside, max_bytes=size))).body) == size
    assert (await failure(client, a_search(outside, max_bytes=size - 1))).kind == Kind.TOO_LARGE


async def test_no_query_and_no_key_reaches_the_log(
    outside: SongServices, client: ServiceClient, caplog: pytest.LogCaptureFixture
) -> None:
    outside.moods["lrclib"] = Mood.BROKEN
    with caplog.at_level(logging.DEBUG, logger="signaling"):
        await failure(client, a_search(outside, headers={"Authorization": "Bearer a-key"}))
    assert caplog.messages == ["lrclib: is broken (500) (broken)"]


async def test_a_connection_that_is_refused_is_tried_twice_and_not_more(
    client: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("signaling.net.services.asyncio.sleep", noted)
    await failure(client, Ask("lrclib", "http://127.0.0.1:1/api/get"))
    assert pauses == [net.RETRY_PAUSE_S]
