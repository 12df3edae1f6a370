"""Ten seconds of the network are lost in mid-song: the phone's own recording fills them, and they cost no points."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Response, Route, expect
from scipy.signal import correlate, resample_poly

from inference.audio.take import Take, read_take
from media_server.matching import EXACT_S
from tests.e2e.conftest import Visit, add_song
from tests.support.house import House
from tests.support.microphone_file import SAMPLE_RATE_HZ as MIC_RATE_HZ
from tests.support.page_singer import PageSinger, write_page_singer
from tests.support.performance import Performance
from tests.support.short_song import TEN_SECONDS, write_song
from tests.support.udp_relay import UdpRelay

LINES = ((60, 64, 67, 62), (65, 69, 64, 60), (67, 62, 65, 69), (64, 60, 67, 62))
TWENTY_FOUR_SECONDS = write_song("Vingt-quatre secondes", (*LINES, (65, 69, 62, 60), (64, 67, 60, 65), *LINES[:2]))
CUT_AT_S, CUT_FOR_S = 6.0, 10.0
POINTS = 3.0
RATE_HZ = 16_000
READY_MS = 40_000
TAIL_S = 0.8  # frontend/src/live/act.ts
ANOTHER_LATENCY = """() => {
    const told = Object.getOwnPropertyDescriptor(AudioContext.prototype, "outputLatency").get;
    Object.defineProperty(AudioContext.prototype, "outputLatency", { get() { return told.call(this) + 0.03; } });
}"""


class Sent:
    """What the page sent afterwards, and what the house answered."""

    def __init__(self, show: Performance) -> None:
        self.answers: list[dict[str, Any]] = []
        self.request_bytes = 0
        show.page.on("response", self._remember)

    def _remember(self, response: Response) -> None:
        if response.url.endswith("/upload-recording"):
            assert response.status == 200, response.text()
            self.answers.append(response.json())
            self.request_bytes += len(response.request.post_data_buffer or b"")

    @property
    def spans(self) -> list[dict[str, Any]]:
        return [span for answer in self.answers for span in answer["spans"]]


def go_together(shows: list[tuple[Performance, PageSinger]], song_id: str) -> None:
    """Each starts when its own microphone wants it; nobody waits for the other."""
    for show, microphone in shows:
        show.open()
        show.choose(song_id)
        show.check_microphone()
        show.arm(microphone)
    for show, _ in shows:
        expect(show.find("lane")).to_be_visible(timeout=READY_MS)


def kept_take(house: House, session_id: str) -> Take:
    folder = house.data_dir / "takes" / session_id
    with (folder / "take.spool").open("rb") as spool, (folder / "late.spool").open("rb") as late:
        return read_take(spool, late)


def late_s(take: Take, voice: Any, from_s: float, to_s: float) -> float:
    """How much later than sung the take has what was sung between two seconds of the song; within 0.5 s."""
    positions = np.arange(len(take.samples))
    song_s = take.song_seconds(positions)
    heard = take.samples[(song_s >= from_s) & (song_s < to_s)].astype(np.float64)
    sung = voice[round((from_s - 0.5) * RATE_HZ) : round((to_s + 0.5) * RATE_HZ)]
    scores = correlate(np.diff(sung), np.diff(heard), mode="valid", method="fft")
    return float((0.5 * RATE_HZ - int(np.argmax(scores))) / RATE_HZ)


@pytest.mark.timeout(300)
def test_ten_lost_seconds_are_filled_by_the_phone_and_cost_no_points(
    visit: Visit, house: House, relay: UdpRelay, tmp_path: Path
) -> None:
    song_id = add_song(house, TWENTY_FOUR_SECONDS, tmp_path)
    voice = TWENTY_FOUR_SECONDS.voice(30.0)
    microphone = write_page_singer(tmp_path / "voice.wav", voice, MIC_RATE_HZ)
    shows = [(visit(microphone), microphone) for _ in range(2)]
    (whole, _), (broken, _) = shows  # the one that starts last is watched from its start
    sent, whole_sent = Sent(broken), Sent(whole)
    broken.lead_through(relay)
    go_together(shows, song_id)
    broken.wait_for_song_second(CUT_AT_S)
    relay.cut = True
    broken.wait_for_song_second(CUT_AT_S + CUT_FOR_S)
    relay.cut = False
    results, without_loss = broken.await_verdict(), whole.await_verdict()
    assert relay.traffic.dropped > 200
    assert results["filled_s"] == pytest.approx(CUT_FOR_S, abs=1.5), sent.spans
    assert without_loss["filled_s"] == 0.0, whole_sent.spans
    for part in ("total", "pitch", "rhythm"):
        assert results[part] == pytest.approx(without_loss[part], abs=POINTS), part
    assert results["measured"] > 0.97
    assert sum(span["filled_s"] for span in sent.spans) == pytest.approx(results["filled_s"], abs=0.01)
    assert all(span["refusal"] == "" and span["correlation"] > 0.8 for span in sent.spans), sent.spans
    assert sent.request_bytes < (results["filled_s"] + 6.0) * 32_000, "more was sent than what was missing"
    take, narrow = kept_take(house, broken.session_id), resample_poly(voice, 160, 441)
    filled = late_s(take, narrow, CUT_AT_S + 1.0, CUT_AT_S + CUT_FOR_S - 1.0)
    received = late_s(take, narrow, 1.0, CUT_AT_S - 0.5)
    assert abs(filled - received) <= EXACT_S, (filled, received)
    assert _recordings_left(broken) == 0, "the recording stays on the phone after the verdict"


def _recordings_left(show: Performance) -> int:
    """Chunks in the phone's store."""
    return int(
        show.page.evaluate(
            """() => new Promise((resolve, reject) => {
                 const opening = indexedDB.open("voicejury-recordings", 1);
                 opening.onerror = () => reject(opening.error);
                 opening.onsuccess = () => {
                   const count = opening.result.transaction("chunks").objectStore("chunks").count();
                   count.onsuccess = () => resolve(count.result);
                 };
               })"""
        )
    )


@pytest.mark.timeout(300)
def test_without_a_network_to_the_end_and_through_a_reload_the_recording_is_kept_and_sent(
    visit: Visit, house: House, ten_seconds: str, relay: UdpRelay, tmp_path: Path
) -> None:
    microphone = write_page_singer(tmp_path / "voice.wav", TEN_SECONDS.voice(), MIC_RATE_HZ)
    show = visit(microphone)
    show.lead_through(relay)
    show.go_on_stage(ten_seconds, microphone)
    show.wait_for_song_second(3.0)
    relay.cut = True
    show.page.context.set_offline(True)
    show.wait_for_song_second(6.0)
    show.page.evaluate(ANOTHER_LATENCY)
    show.until(lambda: show.fact("state") == "wings", READY_MS / 1000, "the song to end without a network")
    expect(show.find("wings")).to_be_visible(timeout=READY_MS)  # fetched while there was a network
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    show.page.route("**/upload-recording", hold, times=1)
    show.page.context.set_offline(False)
    show.until(lambda: bool(held), READY_MS / 1000, "the recording to be sent once the network is back")
    sent = Sent(show)
    show.page.reload()
    results = show.await_verdict()
    assert results["filled_s"] == pytest.approx(TEN_SECONDS.duration_s + TAIL_S - 3.0, abs=1.0), sent.spans
    filled = [span for span in sent.spans if span["filled_s"] > 0]
    assert len(filled) >= 2, sent.spans
    assert all(span["correlation"] > 0.8 for span in filled), sent.spans
    assert results["pitch"] >= 95
    assert results["measured"] > 0.95
    assert kept_take(house, show.session_id).filled_s == pytest.approx(results["filled_s"])
