"""The demo song's guide voice sings the whole show, from the songs to the verdict."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from deploy.demo_song.score import GUIDE_KEY, SONG_ID, build_song
from tests.e2e.conftest import Visit
from tests.support.contour import cents_off, drawn_lag_s, sung_contour
from tests.support.house import House
from tests.support.page_singer import write_page_singer
from tests.support.verdict_facts import assert_the_jury_quotes_the_take

START_TOLERANCE_S = 0.2  # guide and song must coincide by this much
MIDDLE_S = 20.0


@pytest.mark.timeout(240)
def test_the_guide_voice_sings_the_demo_song_to_a_verdict_of_95(visit: Visit, house: House, tmp_path: Path) -> None:
    guide, sample_rate_hz = soundfile.read(house.data_dir / "songs" / SONG_ID / GUIDE_KEY)
    microphone = write_page_singer(tmp_path / "guide.wav", guide, sample_rate_hz)
    show = visit(microphone)
    show.open()
    expect(show.find(f"song-{SONG_ID}")).to_be_visible()
    show.photograph("1-songs")
    show.choose(SONG_ID)
    show.photograph("2-dressing-room")
    show.check_microphone()
    show.photograph("3-sound-check")
    show.start_with(microphone)
    show.wait_for_song_second(MIDDLE_S)
    show.photograph("4-stage")
    assert show.connection == "ok"
    assert int("".join(filter(str.isdigit, show.find("live-score").inner_text()))) > 50
    show.wait_for_song_second(build_song().duration_s - 1)
    points = show.points()
    show.page.wait_for_timeout(2500)
    show.photograph("5-jury-deliberates")
    results = show.await_verdict()
    show.page.wait_for_timeout(6000)
    show.photograph("6-verdict")
    assert results["pitch"] >= 95
    assert results["measured"] > 0.97
    assert show.find("juror").count() == 3
    assert_the_jury_quotes_the_take(results)
    song_s, f0_hz = np.array([point.song_s for point in points]), np.array([point.f0_hz for point in points])
    contour = sung_contour(guide, sample_rate_hz)
    lag_s = drawn_lag_s(song_s, f0_hz, contour)
    assert abs(lag_s) < START_TOLERANCE_S
    assert np.nanmedian(np.abs(cents_off(song_s, f0_hz, contour, lag_s))) < 10
    history = house.http("GET", f"/api/results/history?song_id={SONG_ID}").body
    assert history["takes"][0]["total"] == pytest.approx(results["total"], abs=0.01)
