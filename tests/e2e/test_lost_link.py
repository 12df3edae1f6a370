"""The link is cut in mid-song: the song plays on, what comes back stands where it belongs, the phone fills the rest."""

import numpy as np
import pytest

from tests.e2e.conftest import Sing, Visit
from tests.support.contour import drawn_lag_s, sung_contour
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.performance import DrawnPoint
from tests.support.short_song import SEVENTEEN_SECONDS
from tests.support.udp_relay import UdpRelay

CUT_AT_S, CUT_FOR_S = 4.0, 5.0
RETURN_S = 2.0
PATIENCE_S = 10.0  # of a test on a busy machine
MISPLACED_S = 0.05


def lag_of(points: list[DrawnPoint]) -> float:
    voice = sung_contour(SEVENTEEN_SECONDS.voice(), SAMPLE_RATE_HZ)
    return drawn_lag_s(np.array([p.song_s for p in points]), np.array([p.f0_hz for p in points]), voice)


@pytest.mark.timeout(150)
def test_a_link_cut_for_five_seconds_is_filled_afterwards_and_costs_no_points(
    visit: Visit, seventeen_seconds: str, sung: Sing, relay: UdpRelay
) -> None:
    microphone = sung(SEVENTEEN_SECONDS, 0.0)
    show = visit(microphone)
    show.lead_through(relay)
    show.go_on_stage(seventeen_seconds, microphone)
    show.wait_for_song_second(CUT_AT_S)
    relay.cut = True
    cut_at_s = show.song_s
    assert cut_at_s is not None
    show.until(lambda: show.connection in ("lost", "reconnecting"), CUT_FOR_S, "the page to say that the link is lost")
    show.photograph("lost")
    show.wait_for_song_second(cut_at_s + CUT_FOR_S)
    relay.cut = False
    back_at_s = show.song_s
    assert back_at_s is not None
    assert back_at_s == pytest.approx(cut_at_s + CUT_FOR_S, abs=2.0), "the song stood still"

    def voiced_since_return() -> bool:
        point = show.fact("lastPoint")
        return point is not None and (point["song_s"] or 0) > back_at_s and point["f0_hz"] > 0

    show.until(voiced_since_return, PATIENCE_S, "f0 after the link's return")
    show.until(lambda: show.connection == "ok", PATIENCE_S, "the page to say that the link is back")
    show.wait_for_song_second(SEVENTEEN_SECONDS.duration_s - 2.5)
    show.photograph("after-the-gap")
    show.wait_for_song_second(SEVENTEEN_SECONDS.duration_s - 0.3)
    points = show.points()
    assert relay.traffic.dropped > 200
    inside = [p for p in points if cut_at_s + 0.3 < p.song_s < back_at_s - 0.3 and p.f0_hz > 0]
    assert inside == [], "points were drawn inside the gap"
    before = [p for p in points if 0 < p.song_s < cut_at_s]
    after = [p for p in points if p.song_s > back_at_s + RETURN_S]
    assert len(after) > 100
    assert abs(lag_of(after) - lag_of(before)) <= MISPLACED_S
    results = show.await_verdict()
    assert results["filled_s"] == pytest.approx(CUT_FOR_S, abs=1.5)
    assert results["measured"] >= 0.95
    assert results["pitch"] >= 95
