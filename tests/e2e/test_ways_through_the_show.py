"""Other people than the one with a mouse: a keyboard, reduced motion, a refused microphone, second thoughts."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Sing, Visit
from tests.support.keyboard import tab_to
from tests.support.performance import Performance
from tests.support.short_song import SEVENTEEN_SECONDS, TEN_SECONDS
from tests.support.verdict_facts import assert_the_jury_quotes_the_take, comments


def press(show: Performance, test_id: str) -> None:
    expect(show.find(test_id)).to_be_enabled(timeout=20_000)
    tab_to(show.page, test_id)
    show.page.keyboard.press("Enter")


def sing_by_keyboard(show: Performance, song_id: str) -> None:
    show.open()
    expect(show.find(f"song-{song_id}")).to_be_visible()
    press(show, f"song-{song_id}")
    press(show, "mic-check")
    expect(show.find("headphones-yes")).to_be_visible(timeout=20_000)
    press(show, "headphones-yes")
    press(show, "start")
    expect(show.find("lane")).to_be_visible()


# What a running animation changes; a fade is no motion.
MOVING = """
document.getAnimations().filter((one) => one.playState === 'running')
  .flatMap((one) => one.effect.getKeyframes().flatMap((frame) => Object.keys(frame)))
  .filter((property) => ['transform', 'translate', 'scale', 'rotate', 'left', 'top', 'offsetPath'].includes(property))
"""


@pytest.mark.timeout(180)
def test_two_takes_by_keyboard_and_without_motion_get_different_comments(
    visit: Visit, ten_seconds: str, sung: Sing
) -> None:
    in_tune = sung(TEN_SECONDS, 0.0)
    by_keyboard = visit(in_tune)
    sing_by_keyboard(by_keyboard, ten_seconds)
    first = by_keyboard.await_verdict()
    assert first["pitch"] >= 95
    assert_the_jury_quotes_the_take(first)
    tab_to(by_keyboard.page, "sing-again")

    wavering = sung(TEN_SECONDS, 60.0)
    still = visit(wavering, reduced_motion=True)
    still.go_on_stage(ten_seconds, wavering)
    still.wait_for_song_second(5)
    still.photograph("stage-without-motion")
    second = still.await_verdict()
    expect(still.find("juror")).to_have_count(3)
    still.photograph("verdict-without-motion")
    assert still.page.evaluate(MOVING) == []
    assert_the_jury_quotes_the_take(second)
    assert comments(first) != comments(second)


def test_a_refused_microphone_is_explained_and_can_be_tried_again(visit: Visit) -> None:
    show = visit(allow=False)
    show.open()
    show.choose("demo")
    show.find("mic-check").click()
    expect(show.page.get_by_role("alert")).to_be_visible()
    expect(show.find("mic-check")).to_be_enabled()
    assert show.find("start").count() == 0
    show.photograph("refused")


SILENCE_THE_PITCH_CHANNEL = """
const make = RTCPeerConnection.prototype.createDataChannel;
RTCPeerConnection.prototype.createDataChannel = function (label, options) {
  const channel = make.call(this, label, options);
  if (label === 'pitch')
    channel.addEventListener('message', (event) => { if (window.__silenced) event.stopImmediatePropagation(); });
  return channel;
};
"""


@pytest.mark.timeout(120)
def test_the_line_stops_when_the_pitch_channel_is_silent_and_giving_up_still_brings_a_verdict(
    visit: Visit, seventeen_seconds: str, sung: Sing
) -> None:
    microphone = sung(SEVENTEEN_SECONDS, 0.0)
    show = visit(microphone, init_script=SILENCE_THE_PITCH_CHANNEL)
    show.go_on_stage(seventeen_seconds, microphone)
    show.wait_for_song_second(3)
    before = show.fact("pointsDrawn")
    assert before > 50
    show.page.evaluate("window.__silenced = true")
    show.page.wait_for_timeout(1000)
    silenced = show.fact("pointsDrawn")
    show.page.wait_for_timeout(1200)
    assert show.fact("pointsDrawn") == silenced
    assert show.connection == "ok", "only the line is gone: the control channel speaks on"
    show.page.evaluate("window.__silenced = false")
    show.until(lambda: show.fact("pointsDrawn") > silenced + 20, 12, "the line to go on")
    show.find("give-up").click()
    results = show.await_verdict()
    assert 0 < results["coverage"] < 0.9
