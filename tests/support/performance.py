"""A singer at the page: taps what a person taps, and reads what the page shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.support.chromium import Microphone
from tests.support.house import House
from tests.support.page_singer import PageSinger
from tests.support.places import result_file
from tests.support.udp_relay import UdpRelay

COUNT_IN_S = 3.0  # frontend/src/live/act.ts
# From getUserMedia's answer until the file's first sample, found by the latency that the verdict reports.
FILE_START_S = 0.0
READY_TIMEOUT_MS = 20_000
VERDICT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    song_s: float
    f0_hz: float
    seq: int
    at_epoch_ms: float
    concealed: bool


class Performance:
    """One visit of the page, from the songs to the verdict."""

    def __init__(self, page: Page, house: House, name: str) -> None:
        self.page = page
        self.house = house
        self.name = name
        self.session_id = ""
        self.token = ""
        self.page_errors: list[str] = []
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        page.on("response", self._remember_session)

    def _remember_session(self, response: Response) -> None:
        if response.url.endswith("/api/session/start") and response.ok:
            document = response.json()
            self.session_id, self.token = document["session_id"], document["token"]

    def find(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def photograph(self, screen: str) -> None:
        self.page.screenshot(path=result_file(self.name, f"{screen}.png"))

    def lead_through(self, relay: UdpRelay) -> None:
        """The voice and the judgements of this visit go through the relay."""

        def rewrite(route: Any) -> None:
            reply = route.fetch()
            if not reply.ok:
                route.fulfill(response=reply)
                return
            document = reply.json()
            route.fulfill(response=reply, json={**document, "sdp": relay.rewrite(document["sdp"])})

        self.page.route("**/api/session/*/offer", rewrite)

    def open(self) -> None:
        self.page.goto(self.house.url)

    def choose(self, song_id: str) -> None:
        self.find(f"song-{song_id}").first.click()

    def check_microphone(self) -> None:
        self.find("mic-check").click()
        self.find("headphones-yes").click(timeout=READY_TIMEOUT_MS)
        expect(self.find("start")).to_be_enabled(timeout=READY_TIMEOUT_MS)

    def arm(self, microphone: Microphone) -> float:
        """Start will be pressed at the moment that lets the voice meet the song: in so many ms."""
        if isinstance(microphone, PageSinger):
            self.find("start").click()
            return 0.0
        wait_ms = float(
            self.page.evaluate(
                """([leadMs, countInMs]) => {
                 const now = performance.timeOrigin + performance.now();
                 const waitMs = window.__microphoneOpenedEpochMs + leadMs - countInMs - now;
                 setTimeout(() => document.querySelector('[data-testid=start]').click(), Math.max(0, waitMs));
                 return waitMs;
               }""",
                [(microphone.lead_s + FILE_START_S) * 1000, COUNT_IN_S * 1000],
            )
        )
        assert wait_ms > 0, f"the page was ready {-wait_ms:.0f} ms too late for the microphone's file"
        return wait_ms

    def start_with(self, microphone: Microphone) -> None:
        wait_ms = self.arm(microphone)
        expect(self.find("lane")).to_be_visible(timeout=wait_ms + READY_TIMEOUT_MS)

    def go_on_stage(self, song_id: str, microphone: Microphone) -> None:
        self.open()
        self.choose(song_id)
        self.check_microphone()
        self.start_with(microphone)

    def fact(self, name: str) -> Any:
        return self.page.evaluate(f"window.__voicejury.{name}")

    @property
    def song_s(self) -> float | None:
        value = self.fact("songS")
        return None if value is None else float(value)

    def wait_for_song_second(self, song_s: float) -> None:
        self.until(lambda: (self.song_s or -9.0) >= song_s, 60.0, f"song second {song_s}")

    def until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Polls while the browser's events go on; raises AssertionError in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}"
            self.page.wait_for_timeout(50)

    def points(self) -> list[DrawnPoint]:
        """What came over the data channel with a song second, in the song's order."""
        points = [DrawnPoint(**point) for point in self.fact("points") if point["song_s"] is not None]
        return sorted(points, key=lambda point: point.seq)

    @property
    def connection(self) -> str:
        return str(self.find("connection").first.get_attribute("data-state"))

    def await_verdict(self) -> dict[str, Any]:
        """Waits for the screen, returns the results that the server holds."""
        expect(self.find("verdict")).to_be_visible(timeout=VERDICT_TIMEOUT_S * 1000)
        return self.results()

    def results(self) -> dict[str, Any]:
        answer = self.house.http("GET", f"/api/session/{self.session_id}/results", token=self.token)
        assert answer.status == 200, answer.body
        document: dict[str, Any] = answer.body
        return document
