"""A singer who finds the song too high and too fast, and who wants to hear the take again."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.page_singer import PageSinger, write_page_singer
from tests.support.performance import Performance
from tests.support.short_song import NOTE_S, TEN_SECONDS, ShortSong

SEMITONES, TEMPO = -2, 0.8
BACKING_HZ = 220.0  # of the short songs' backing, which strikes once a note
ONSET_TOLERANCE_S = 0.010  # a stretched attack is a little softer; rhythm allows 50 ms
HEARD_SAMPLES = 16_384

# What the page gives to the loudspeaker, as it is.
KEEP_WHAT_IS_PLAYED = """
window.__played = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  if (this.buffer && this.buffer.duration > 5) window.__played.push(this.buffer);
  return start.apply(this, when);
};
"""
FIRST_PLAYED = """() => {
  const buffer = window.__played[0];
  return { rate: buffer.sampleRate, samples: Array.from(buffer.getChannelData(0)) };
}"""


def moved(song: ShortSong) -> ShortSong:
    """The song as somebody sings it who asked for another key and tempo."""
    lines = [
        tuple(
            replace(note, onset_s=note.onset_s / TEMPO, offset_s=note.offset_s / TEMPO, midi=note.midi + SEMITONES)
            for note in line
        )
        for line in song.lines
    ]
    return replace(song, lines=tuple(lines))


def ask_for_the_move(show: Performance) -> None:
    for _ in range(-SEMITONES):
        show.page.get_by_role("button", name="Plus grave d'un demi-ton").click()
    for _ in range(4):
        show.page.get_by_role("button", name="Plus lent").click()
    expect(show.page.get_by_text("−2 demi-tons")).to_be_visible()
    expect(show.page.get_by_text("80 %")).to_be_visible()


def assert_the_backing_is_moved(played: dict[str, Any]) -> None:
    rate_hz, samples = played["rate"], np.array(played["samples"])
    assert len(samples) / rate_hz == pytest.approx(TEN_SECONDS.duration_s / TEMPO, abs=0.01)
    heard = samples[:HEARD_SAMPLES] * np.hanning(HEARD_SAMPLES)
    peak_hz = float(np.argmax(np.abs(np.fft.rfft(heard, 8 * HEARD_SAMPLES)))) * rate_hz / (8 * HEARD_SAMPLES)
    assert peak_hz == pytest.approx(BACKING_HZ * 2 ** (SEMITONES / 12), rel=0.006)
    strikes_s = np.arange(1, 8) * NOTE_S / TEMPO
    assert np.abs(late_s(samples, rate_hz, strikes_s)).max() < ONSET_TOLERANCE_S


def late_s(samples: np.ndarray[Any, Any], rate_hz: float, strikes_s: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How far each strike lies from its place: where the level, over 5 ms, rises most."""
    width = round(0.005 * rate_hz)
    level = np.sqrt(np.convolve(samples**2, np.ones(width) / width, mode="same"))
    rise = np.maximum(level[2 * width :] - level[: -2 * width], 0.0)
    found = []
    for strike_s in strikes_s:
        first = round((strike_s - 0.1) * rate_hz) - width
        window = rise[first : first + round(0.2 * rate_hz)]
        found.append((first + width + int(np.argmax(window))) / rate_hz - strike_s)
    return np.array(found)


@pytest.fixture
def moved_voice(tmp_path_factory: pytest.TempPathFactory) -> PageSinger:
    path = tmp_path_factory.mktemp("moved") / "voice.wav"
    return write_page_singer(path, moved(TEN_SECONDS).voice(), SAMPLE_RATE_HZ)


@pytest.mark.timeout(300)
def test_a_song_is_sung_lower_and_slower_and_heard_again_in_the_studio(
    visit: Visit, ten_seconds: str, moved_voice: PageSinger
) -> None:
    show = visit(moved_voice, init_script=KEEP_WHAT_IS_PLAYED)
    show.open()
    show.choose(ten_seconds)
    show.page.get_by_text("Sans pitié").click()  # whoever asked for another key and sings it loses nothing there either
    ask_for_the_move(show)
    show.photograph("dressing-moved")
    show.check_microphone()
    show.start_with(moved_voice)
    assert_the_backing_is_moved(show.page.evaluate(FIRST_PLAYED))
    results = show.await_verdict()
    assert results["pitch"] >= 95
    assert results["rhythm"] >= 90
    assert results["key_shift_semitones"] == pytest.approx(0, abs=0.3)
    listen_in_the_studio(show)


def listen_in_the_studio(show: Performance) -> None:
    show.find("studio-door").click(timeout=20_000)
    play = show.find("studio-play")
    expect(play).to_be_visible(timeout=20_000)
    studio = show.page.get_by_role("region", name="Le studio")
    expect(studio.get_by_text("Ta voix", exact=True).or_(studio.get_by_text("Ta prise", exact=True))).to_be_visible()
    position = studio.get_by_role("slider", name="Où en est la chanson")
    play.click()
    show.until(lambda: float(position.get_attribute("aria-valuenow") or 0) > 1.0, 10, "the studio to play")
    solo = studio.get_by_role("button", name="en solo").first
    solo.click()
    expect(solo).to_have_attribute("aria-pressed", "true")
    position.focus()
    show.page.keyboard.press("End")
    show.until(lambda: play.get_attribute("aria-label") == "Écouter", 10, "the tape to end")
    show.photograph("studio")
