"""Parts of signaling that need no server: states, limits, settings, the interface's description."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

import inference.service.config
import media_server.config
from signaling.app import build_app
from signaling.config import Settings
from signaling.errors import ProblemError
from signaling.routes.middleware import MAX_ADDRESSES, AddressLimit
from signaling.routes.openapi import document, documented_path
from signaling.routes.schemas_preparing import StartRequest
from signaling.store.events import Events, open_redis
from signaling.store.states import OVER, TRANSITIONS, State, sources_of
from tests.support.places import ROOT

SECRET = "a secret of the tests, long enough"
SOURCES = ("proto", "signaling", "media_server", "inference", "deploy")
URLS = {"media_url": "127.0.0.1:1", "live_url": "127.0.0.1:1", "analysis_url": "127.0.0.1:1"}


def settings(**more: object) -> Settings:
    return Settings.model_validate({"secret": SECRET, **URLS, **more})


def test_every_state_leads_to_an_end_and_an_end_leads_nowhere() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {State.DONE, State.FAILED, State.ABANDONED} == OVER
    for state in set(State) - OVER:
        assert State.FAILED in TRANSITIONS[state]
    assert sources_of(State.DONE) == {State.JUDGING}


def test_a_limit_lets_a_burst_through_and_then_a_steady_trickle() -> None:
    now = 0.0
    limit = AddressLimit(60, clock=lambda: now)
    for _ in range(60):
        limit.take("198.51.100.1")
    with pytest.raises(ProblemError) as refused:
        limit.take("198.51.100.1")
    assert (refused.value.status, refused.value.code) == (429, "busy")
    assert refused.value.headers["Retry-After"] == "2"
    limit.take("198.51.100.2")
    now = 1.0
    limit.take("198.51.100.1")


def test_addresses_of_one_ipv6_subscriber_share_one_limit() -> None:
    limit = AddressLimit(1, clock=lambda: 0.0)
    limit.take("2001:db8::1")
    with pytest.raises(ProblemError):
        limit.take("2001:db8::2")
    limit.take("2001:db8:0:1::1")


def test_a_limit_forgets_the_oldest_address_rather_than_grow() -> None:
    limit = AddressLimit(1, clock=lambda: 0.0)
    for number in range(MAX_ADDRESSES + 1):
        limit.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    limit.take("10.0.0.0")


def test_the_description_lists_every_route_and_no_other() -> None:
    routes = {
        (documented_path(resource.canonical if resource is not None else ""), route.method.lower())
        for route in build_app(settings()).router.routes()
        for resource in [route.resource]
        if route.method != "HEAD"
    }
    described = {(path, method) for path, methods in document()["paths"].items() for method in methods}
    assert len(described) >= 25
    assert described == routes


def test_the_description_refers_only_to_schemas_that_it_holds() -> None:
    described = document()
    references = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert "StartReply" in references
    assert references <= set(described["components"]["schemas"])


@pytest.mark.parametrize("service", [Settings, media_server.config.Settings, inference.service.config.Settings])
def test_every_setting_is_documented(service: type[BaseSettings]) -> None:
    documented = (ROOT / "deploy" / "env.example").read_text()
    for name, field in service.model_fields.items():
        variable = str(field.validation_alias or f"VOICEJURY_{name.upper()}")
        assert re.search(rf"^#?{variable}=", documented, re.MULTILINE), variable


def test_every_variable_that_the_code_asks_for_is_documented() -> None:
    documented = (ROOT / "deploy" / "env.example").read_text()
    sources = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    asked = {name for path in sources for name in re.findall(r"environ[^\n]*?[\"'](VOICEJURY_\w+)", path.read_text())}
    assert {"VOICEJURY_LAN_ADDRESS", "VOICEJURY_LOG_LEVEL"} <= asked
    assert [name for name in sorted(asked) if not re.search(rf"^#?{name}=", documented, re.MULTILINE)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "short"},
        {"media_url": "http://127.0.0.1:1"},
        {"port": 70000},
        {"ice_servers": "not json"},
        {"ice_servers": '["stun"]'},
        {"rate_per_minute": 0},
    ],
)
def test_a_wrong_setting_is_refused_without_showing_the_secret(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**wrong)
    assert SECRET not in str(refused.value.errors(include_input=False))
    assert str(refused.value.errors()[0]["loc"][0]) == next(iter(wrong))


def test_empty_store_urls_mean_embedded_stores_and_postgres_gets_its_driver(tmp_path: Path) -> None:
    assert settings(data_dir=tmp_path).sql_url == f"sqlite+aiosqlite:///{tmp_path}/voicejury.db"
    given = settings(database_url="postgres://u:p@h:5432/d")
    assert given.sql_url == "postgresql+asyncpg://u:p@h:5432/d"
    assert "SecretStr" in repr(given)
    assert SECRET not in repr(given)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("  Zoé\u0000  B\n", "Zoé B"), ("e\u0301", "é"), ("\u202eevil", "evil"), ("🎤" * 24, "🎤" * 24)],
)
def test_singer_names_are_kept_plain(written: str, kept: str) -> None:
    assert StartRequest(song_id="demo", singer=written).singer == kept


@pytest.mark.parametrize("written", ["", "   ", "\u200b", "x" * 25])
def test_empty_and_endless_singer_names_are_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        StartRequest(song_id="demo", singer=written)


async def test_a_missing_setting_ends_the_process_with_one_line_that_names_it() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "signaling", env={"VOICEJURY_SECRET": "x", "PATH": ""}, cwd=ROOT, stderr=-1
    )
    _, said = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 2
    assert b"VOICEJURY_MEDIA_URL" in said
    assert b"Traceback" not in said


async def test_a_stream_of_events_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.store.events.MAX_EVENTS", 200)
    client = open_redis("")
    events = Events(client)
    for number in range(500):
        await events.publish("s", "progress", {"stage": "pitch", "fraction": number / 500})
    kept = await client.xlen("voicejury:session:s:events")
    assert 200 <= kept < 400
    assert await events.progress("s") == {"stage": "pitch", "fraction": 499 / 500}
    assert 0 < await client.ttl("voicejury:session:s:events") <= 3 * 3600
    await client.aclose()


async def test_what_was_said_of_a_session_that_is_over_is_let_go_of_within_a_minute() -> None:
    client = open_redis("")
    events = Events(client)
    await events.publish("s", "progress", {"stage": "pitch", "fraction": 0.5})
    await events.end("s")
    assert [event.name for event in await events.after("s")] == ["progress", "over"]
    for key in await client.keys("*"):
        assert 0 < await client.ttl(key) <= 60
    await client.aclose()


async def test_the_embedded_store_frees_what_has_expired_though_nobody_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signaling.store.events.OVER_KEPT_S", 1)
    client = open_redis("")
    events = Events(client)
    for number in range(20):
        await events.publish(f"s{number}", "progress", {"stage": "pitch", "fraction": 0.5})
        await events.end(f"s{number}")
    await events.publish("still", "progress", {"stage": "pitch", "fraction": 0.5})
    database = client.connection_pool.connection_kwargs["server"].dbs[0]
    assert len(database._dict) == 42
    await asyncio.sleep(1.1)
    await events.sweep()
    assert len(database._dict) == 2
    await client.aclose()


@pytest.mark.parametrize("ticks", range(16))
async def test_a_cancellation_ends_who_sweeps_or_publishes_wherever_it_meets_them(ticks: int) -> None:
    client = open_redis("")
    events = Events(client)

    async def work(step: Callable[[], Awaitable[None]]) -> None:
        await step()
        await asyncio.sleep(60)

    steps = (events.sweep, lambda: events.publish("s", "state", {}), lambda: events.end("s"))
    tasks = [asyncio.create_task(work(step)) for step in steps]
    for _ in range(ticks):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    _, left = await asyncio.wait(tasks, timeout=30)
    assert not left
    await client.aclose()
