"""Headless Chromium with a fake microphone, on loopback only."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.support.microphone_file import MicrophoneFile
from tests.support.page_singer import PageSinger

Microphone = MicrophoneFile | PageSinger
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = (390, 844)  # CSS pixels of a common phone
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
ALLOW_MICROPHONE = "--use-fake-ui-for-media-stream"
REFUSE_MICROPHONE = "--use-fake-ui-for-media-stream=deny"

# The moment at which the fake microphone's file starts, in epoch milliseconds.
NOTE_MICROPHONE_START = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  const stream = await open(constraints);
  window.__microphoneOpenedEpochMs = performance.timeOrigin + performance.now();
  return stream;
};
"""


def chromium_path() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def flags(microphone: Microphone | None, allow: bool) -> list[str]:
    chosen = [*FLAGS, ALLOW_MICROPHONE if allow else REFUSE_MICROPHONE]
    if isinstance(microphone, MicrophoneFile):
        chosen.append(f"--use-file-for-fake-audio-capture={microphone.path}")
    return chosen


@contextlib.contextmanager
def open_browser(
    playwright: Playwright,
    microphone: Microphone | None = None,
    *,
    allow: bool = True,
    size: tuple[int, int] = PHONE,
    reduced_motion: bool = False,
) -> Iterator[BrowserContext]:
    """A browser with a profile of its own; it and the profile are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="voicejury-chromium-", ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium_path(),
            headless=True,
            args=flags(microphone, allow),
            viewport={"width": size[0], "height": size[1]},
            permissions=["microphone"] if allow else [],
            locale="fr-FR",
            reduced_motion="reduce" if reduced_motion else "no-preference",
        )
        try:
            if isinstance(microphone, PageSinger):
                microphone.enter(context)
            else:
                context.add_init_script(NOTE_MICROPHONE_START)
            yield context
        finally:
            context.close()


def first_page(context: BrowserContext) -> Page:
    return context.pages[0] if context.pages else context.new_page()
