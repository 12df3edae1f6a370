"""Each of the four processes is killed with -9 in mid-song: the singer sees it, the take is kept, the verdict comes."""

import pytest

from tests.e2e.conftest import Sing, Visit
from tests.support.house import House
from tests.support.performance import Performance
from tests.support.short_song import SEVENTEEN_SECONDS

FIRST_KILL_S, SECOND_KILL_S = 2.5, 8.0

RECORD_CONNECTION = """
window.__connections = [];
setInterval(() => {
  const state = document.querySelector('[data-testid=connection]')?.dataset.state;
  if (state && window.__connections.at(-1) !== state) window.__connections.push(state);
}, 20);
"""


def connections(show: Performance) -> list[str]:
    return list(show.page.evaluate("window.__connections"))


def line_goes_on(show: Performance) -> None:
    drawn = show.fact("pointsReceived")
    show.until(lambda: show.fact("pointsReceived") > drawn + 20, 12, "new points")


@pytest.mark.timeout(180)
def test_a_killed_live_judge_is_seen_and_a_killed_analysis_still_gives_its_verdict(
    visit: Visit, house: House, seventeen_seconds: str, sung: Sing
) -> None:
    microphone = sung(SEVENTEEN_SECONDS, 0.0)
    show = visit(microphone, init_script=RECORD_CONNECTION)
    show.go_on_stage(seventeen_seconds, microphone)
    show.wait_for_song_second(FIRST_KILL_S)
    live = house.kill("live")
    show.until(lambda: show.connection == "judge-lost", 12, "the page to say that the judge is lost")
    show.photograph("judge-lost")
    show.wait_for_song_second(SECOND_KILL_S)
    analysis = house.kill("analysis")
    line_goes_on(show)
    show.until(lambda: show.connection == "ok", 20, "the page to say that all is well")
    results = show.await_verdict()
    house.await_restart("live", live)
    house.await_restart("analysis", analysis)
    assert results["measured"] > 0.95
    assert results["pitch"] >= 95


@pytest.mark.timeout(180)
def test_killed_signaling_stops_no_song_and_a_killed_media_server_is_rejoined(
    visit: Visit, house: House, seventeen_seconds: str, sung: Sing
) -> None:
    microphone = sung(SEVENTEEN_SECONDS, 0.0)
    show = visit(microphone, init_script=RECORD_CONNECTION)
    show.go_on_stage(seventeen_seconds, microphone)
    show.wait_for_song_second(FIRST_KILL_S)
    signaling = house.kill("signaling")
    line_goes_on(show)
    assert connections(show)[-1] == "ok"
    house.await_restart("signaling", signaling)
    show.wait_for_song_second(SECOND_KILL_S)
    media_server = house.kill("media_server")
    show.until(lambda: show.connection in ("lost", "reconnecting"), 12, "the page to say that the link is lost")
    show.photograph("media-lost")
    house.await_restart("media_server", media_server)
    show.until(lambda: show.connection == "ok", 25, "the page to come back by itself")
    results = show.await_verdict()
    assert results["filled_s"] > 0, "nothing of the gap came from the phone's own recording"
    assert results["measured"] >= 0.95
    assert results["pitch"] >= 90
