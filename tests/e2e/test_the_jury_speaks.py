"""From the last note to the verdict: a judging that really fails, judged again, and jurors heard as they speak."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Playwright, expect

from tests.e2e.conftest import add_song
from tests.support import llm_server as llm
from tests.support.chromium import first_page, open_browser
from tests.support.house import House, running_house
from tests.support.keyboard import tab_to
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.page_singer import write_page_singer
from tests.support.performance import Performance
from tests.support.short_song import TEN_SECONDS

FAILS_WITHIN_MS = 30_000
VOTES = "[data-testid=juror]:is([data-vote=yes], [data-vote=no])"

# What the page shows, written down by the page itself: no poll from outside is fast enough.
WATCH = """
window.__seen = [];
const note = (what) => { if (window.__seen.at(-1) !== what) window.__seen.push(what); };
new MutationObserver(() => {
  const find = (id) => document.querySelector(`[data-testid=${id}]`);
  const where = find('verdict') ? 'verdict' : find('wings') ? 'wings' : null;
  if (!where) return;
  if (find('envelope')) note('envelope');
  const stage = find('deliberation')?.dataset.stage;
  if (where === 'wings' && stage) note(`stage ${stage}`);
  note(`${where} with ${document.querySelectorAll('VOTES').length}`);
}).observe(document, { subtree: true, childList: true, attributes: true });
""".replace("VOTES", VOTES)


async def only_the_diva_is_quick(body: dict[str, Any], request: web.Request) -> web.StreamResponse:
    """The others' model hangs until the house gives it up."""
    quick = "Carlotta" in str(body["messages"][0])
    return await (llm.fails(500) if quick else llm.hangs)(body, request)


@pytest.fixture(scope="module")
def slow_jury_house(tmp_path_factory: pytest.TempPathFactory, built_page: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("slow-jury")
    with llm.llm_server(only_the_diva_is_quick) as server:
        settings = {"VOICEJURY_LLM_URL": server.base_url, "VOICEJURY_LLM_MODEL": "slow-1"}
        with running_house(folder / "data", settings) as house:
            yield house


def analysis_of(show: Performance) -> dict[str, Any]:
    answer = show.house.http("GET", f"/api/session/{show.session_id}/analysis-status", token=show.token)
    assert answer.status == 200, answer.body
    status: dict[str, Any] = answer.body
    return status


def judge_again_by_keyboard(show: Performance) -> None:
    tab_to(show.page, "judge-again")
    show.page.keyboard.press("Enter")


def expect_failure(show: Performance, count: int) -> None:
    failed = show.find("judge-failed")
    expect(failed).to_have_attribute("data-failures", str(count), timeout=FAILS_WITHIN_MS)
    status = analysis_of(show)
    assert (status["state"], status["attempt"], status["error"]["code"]) == ("failed", count - 1, "judge-failed")
    assert status["error"]["detail"] not in show.page.inner_text("body"), "the page shows the server's own words"


@pytest.mark.timeout(400)
def test_a_take_that_could_not_be_judged_is_judged_again_and_each_juror_is_heard_at_once(
    playwright: Playwright, slow_jury_house: House, tmp_path: Path
) -> None:
    house = slow_jury_house
    microphone = write_page_singer(tmp_path / "voice.wav", TEN_SECONDS.voice(), SAMPLE_RATE_HZ)
    with open_browser(playwright, microphone) as context:
        context.add_init_script(WATCH)
        show = Performance(first_page(context), house, "the jury speaks")
        asked: list[Any] = []
        show.page.on("request", lambda one: asked.append(one.post_data_json) if one.url.endswith("/start") else None)
        song_id = add_song(house, TEN_SECONDS, tmp_path)
        show.open()
        show.choose(song_id)
        show.find("for-children").check()
        show.check_microphone()
        show.start_with(microphone)
        assert asked[-1]["for_children"] is True
        show.wait_for_song_second(8.0)
        squatter = house.data_dir / "takes" / show.session_id / "work" / "score"
        squatter.mkdir(parents=True)  # where the judge wants to leave its scores

        expect_failure(show, 1)
        show.photograph("judge-failed")
        show.page.reload()
        expect_failure(show, 1)
        judge_again_by_keyboard(show)
        expect_failure(show, 2)
        judge_again_by_keyboard(show)
        expect_failure(show, 3)
        show.photograph("judge-failed-often")

        shutil.rmtree(squatter)
        show.page.evaluate("window.__seen = []")
        judge_again_by_keyboard(show)
        results = show.await_verdict()
        assert_the_jury_was_heard_while_it_spoke(show.page.evaluate("window.__seen"))
        assert results["total"] > 90
        assert [juror["told_by"] for juror in results["jury"]] == ["grammar"] * 3
        expect(show.find("juror")).to_have_count(3)

        show.page.emulate_media(reduced_motion="reduce")
        show.page.reload()
        expect(show.find("trust")).to_be_visible(timeout=FAILS_WITHIN_MS)  # the whole of it, without a reveal
        assert show.page.locator(VOTES).count() == 3
        show.photograph("verdict-at-once")
        show.find("sing-again").click()
        expect(show.find("for-children")).to_be_checked()
    assert show.page_errors == []


def assert_the_jury_was_heard_while_it_spoke(seen: list[str]) -> None:
    """The scores came before the first juror, the first juror before the verdict, and nothing started anew there."""
    assert "stage jury" in seen, seen
    assert (
        seen.index("envelope")
        < seen.index("wings with 1")
        < next(place for place, what in enumerate(seen) if what.startswith("verdict"))
    ), seen
    votes = [int(what.rpartition(" ")[2]) for what in seen if " with " in what]
    assert votes == sorted(votes), f"a vote was taken back: {seen}"
