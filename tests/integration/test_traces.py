"""A take through a real house is one trace, without a word of what was sung or who sang it."""

import time
from pathlib import Path

import aiohttp
import pytest
from voicejury import tracing

from deploy.singer.sound import Pcm
from tests.support.chaos import prepared
from tests.support.house import House, running_house
from tests.support.llm_server import llm_server, says
from tests.support.otlp_collector import Collector, ToldSpan, otlp_collector
from tests.support.short_song import TEN_SECONDS
from tests.support.steady_singer import Outcome, SteadySinger

LENGTH_S = 4.0
SINGER = "Zébulon Quarante"
HEADER_SECRET = "collector-key-8c1f"
MODEL = "model-of-the-test"
STAGES = ("close", "separate", "pitch", "words", "score", "jury", "store")
LIE = [("You sang a perfect high C at 77 s.", ["pitch.total"])]


def settings(url: str, **more: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-key={HEADER_SECRET}",
        "OTEL_BSP_SCHEDULE_DELAY": "300",
        **more,
    }


async def sung(house: House, pcm: Pcm, song_id: str) -> Outcome:
    async with aiohttp.ClientSession() as http:
        return await SteadySinger(lambda: house.url, http, pcm, song_id, SINGER).perform()


def assert_lies_under(child: ToldSpan, parent: ToldSpan) -> None:
    assert (child.trace_id, child.parent_id) == (parent.trace_id, parent.span_id), (child, parent)


def assert_tree(told: Collector, session_id: str) -> None:
    root = told.one("take")
    assert (root.parent_id, root.service) == ("", "signaling")
    assert root.trace_id == f"{tracing.place(session_id).trace_id:032x}"
    assert {span.trace_id for span in told.spans} == {root.trace_id}
    for name in ("session start", "offer", "live stream", "judging"):
        assert_lies_under(told.one(name), root)
    assert_lies_under(told.one("connect"), told.one("offer"))
    assert_lies_under(told.one("connected"), told.one("connect"))
    judging = told.one("judging")
    assert_lies_under(told.one("keep verdict"), judging)
    job = told.one("job")
    assert_lies_under(job, judging)
    for stage in STAGES:
        assert_lies_under(told.one(f"stage {stage}"), job)
    assert_lies_under(told.one("close"), told.one("stage close"))
    assert {span.service for span in told.spans} == {"signaling", "media_server", "inference-analysis"}
    known = {span.span_id for span in told.spans}
    assert [span for span in told.spans if span.parent_id and span.parent_id not in known] == []


@pytest.mark.timeout(600)
async def test_a_take_is_one_trace_from_its_start_to_its_verdict(tmp_path: Path) -> None:
    with otlp_collector() as told, llm_server(says(LIE)) as llm:
        environment = settings(
            told.url, VOICEJURY_LLM_URL=llm.base_url, VOICEJURY_LLM_MODEL=MODEL, VOICEJURY_LLM_KEY="sk-of-the-test"
        )
        with running_house(tmp_path / "data", environment) as house:
            pcm, song_id = prepared(TEN_SECONDS, tmp_path / "song", house, LENGTH_S)
            outcome = await sung(house, pcm, song_id)
            assert outcome.state == "done", outcome
            told.until(lambda told: all(told.of(name) for name in ("take", "job", "stage store", "live stream")))
            secret = (house.data_dir / "secret").read_text().strip()
        assert_tree(told, outcome.session_id)
        chats = told.of(f"chat {MODEL}")
        assert len(chats) == 3
        for chat in chats:
            assert chat.attributes["gen_ai.request.model"] == MODEL
            assert chat.attributes["gen_ai.usage.input_tokens"] == 700
        jurors = {span.span_id for span in told.spans if span.name.startswith("juror ")}
        assert {chat.parent_id for chat in chats} <= jurors
        sent = b"".join(told.raw)
        assert len(sent) > 1000
        for private in (
            SINGER,
            TEN_SECONDS.title,
            "Voicejury",
            song_id,
            secret,
            HEADER_SECRET,
            "sk-of-the-test",
            "high C",
        ):
            assert private.encode() not in sent, private
        assert all(headers["x-key"] == HEADER_SECRET for headers in told.headers)


@pytest.mark.timeout(600)
async def test_a_collector_that_hangs_costs_a_take_nothing(tmp_path: Path) -> None:
    with otlp_collector(answers=False) as told, running_house(tmp_path / "data", settings(told.url)) as house:
        pcm, song_id = prepared(TEN_SECONDS, tmp_path / "song", house, LENGTH_S)
        outcome = await sung(house, pcm, song_id)
        assert outcome.state == "done", outcome
        told.until(lambda told: told.waiting > 0)  # it was spoken to, and the take did not wait
        began_s = time.monotonic()
        house.stop()
        assert time.monotonic() - began_s < 40.0  # nor does it hold up the stop
