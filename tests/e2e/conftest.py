"""A browser that sings."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.support.chromium import PHONE, Microphone, chromium_path, first_page, open_browser
from tests.support.house import House
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.page_singer import PageSinger, write_page_singer
from tests.support.performance import Performance
from tests.support.short_song import SEVENTEEN_SECONDS, TEN_SECONDS, ShortSong
from tests.support.udp_relay import UdpRelay

TESTS_OF_A_BROWSER = pytest.mark.browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the browser last: Playwright's blocking interface keeps an event loop running in this thread."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(TESTS_OF_A_BROWSER)
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if chromium_path() is None:
        pytest.skip("Chromium is not installed: make setup-system")
    with sync_playwright() as running:
        yield running


class Visit(Protocol):
    def __call__(
        self,
        microphone: Microphone | None = None,
        *,
        allow: bool = True,
        size: tuple[int, int] = PHONE,
        reduced_motion: bool = False,
        init_script: str = "",
    ) -> Performance: ...


@pytest.fixture
def visit(playwright: Playwright, house: House, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Opens a browser of its own for each call; all are closed after the test, and no page may have thrown."""
    performances: list[Performance] = []
    with ExitStack() as browsers:

        def enter(
            microphone: Microphone | None = None,
            *,
            allow: bool = True,
            size: tuple[int, int] = PHONE,
            reduced_motion: bool = False,
            init_script: str = "",
        ) -> Performance:
            browser = open_browser(playwright, microphone, allow=allow, size=size, reduced_motion=reduced_motion)
            context = browsers.enter_context(browser)
            if init_script:
                context.add_init_script(init_script)
            performance = Performance(first_page(context), house, request.node.name)
            performances.append(performance)
            return performance

        yield enter
    assert [error for one in performances for error in one.page_errors] == []


def add_song(house: House, song: ShortSong, folder: Path) -> str:
    song.folder(folder)
    done = house.command("songs", "add", str(folder / song.title), "--json")
    assert done.returncode == 0, done.stderr
    listed = {one["title"]: one["id"] for one in house.http("GET", "/api/songs").body["songs"]}
    return str(listed[song.title])


@pytest.fixture(scope="session")
def ten_seconds(house: House, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a song of ten seconds."""
    return add_song(house, TEN_SECONDS, tmp_path_factory.mktemp("ten"))


@pytest.fixture(scope="session")
def seventeen_seconds(house: House, tmp_path_factory: pytest.TempPathFactory) -> str:
    return add_song(house, SEVENTEEN_SECONDS, tmp_path_factory.mktemp("seventeen"))


class Sing(Protocol):
    def __call__(self, song: ShortSong, cents: float) -> PageSinger: ...


@pytest.fixture(scope="session")
def sung(tmp_path_factory: pytest.TempPathFactory) -> Sing:
    """Somebody who sings the song, so many cents off."""
    folder = tmp_path_factory.mktemp("microphones")

    def sing(song: ShortSong, cents: float) -> PageSinger:
        path = folder / f"{len(list(folder.iterdir()))}.wav"
        return write_page_singer(path, song.voice(cents), SAMPLE_RATE_HZ)

    return sing


@pytest.fixture
def relay() -> Iterator[UdpRelay]:
    running = UdpRelay()
    running.start()
    yield running
    running.stop()
