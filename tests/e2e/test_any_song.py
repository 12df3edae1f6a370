"""Any song by the page: found by typing, brought as a file, made ready, sung; and what fails has a next step."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.e2e.conftest import Sing, Visit
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.performance import Performance
from tests.support.short_song import TEN_SECONDS, ShortSong, write_song

READY_TIMEOUT_MS = 40_000
BROUGHT = write_song("Apportee", ((62, 65, 69, 64), (67, 71, 66, 62), (69, 64, 67, 62)))  # of no other test
OFFSET_S = 0.15


def karaoke_pair(song: ShortSong, folder: Path) -> list[Path]:
    """The music, the voice and the words with the time of each line."""
    backing = song.folder(folder) / "backing.flac"
    pair = [folder / f"Les Zazous - {song.title} ({part}).flac" for part in ("instrumental", "voix")]
    backing.rename(pair[0])
    soundfile.write(pair[1], song.voice(), SAMPLE_RATE_HZ, subtype="PCM_16")
    words = folder / f"{song.title}.lrc"
    rows = [f"[00:{line[0].onset_s:05.2f}]{' '.join(note.syllable.text for note in line)}" for line in song.lines]
    words.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [*pair, words]


def pair_without_a_voice(folder: Path) -> list[Path]:
    noise = np.random.default_rng(3).normal(0, 0.1, 8 * SAMPLE_RATE_HZ)
    pair = [folder / f"Vent ({part}).flac" for part in ("instrumental", "voix")]
    for path, level in zip(pair, (0.3, 1.0), strict=True):
        soundfile.write(path, level * noise, SAMPLE_RATE_HZ, subtype="PCM_16")
    return pair


def bring(show: Performance, files: list[Path]) -> None:
    show.find("bring").click()
    show.find("bring-files").set_input_files(files)
    expect(show.find("bring-instrumental")).to_contain_text("instrumental")
    expect(show.find("bring-vocals")).to_contain_text("voix")
    show.find("bring-send").click()


def expect_phase(show: Performance, phase: str) -> None:
    expect(show.find("preparation")).to_have_attribute("data-phase", phase, timeout=READY_TIMEOUT_MS)


def test_a_song_of_the_house_is_found_by_typing_and_sung_without_a_mouse(
    visit: Visit, ten_seconds: str, sung: Sing
) -> None:
    show = visit(sung(TEN_SECONDS, 0.0))
    show.open()
    field = show.find("search")
    field.press_sequentially("seCONdes dîx", delay=40)
    option = show.find(f"track-song:{ten_seconds}")
    expect(option).to_be_visible()
    expect(show.page.get_by_text("Chantable tout de suite").first).to_be_visible()
    expect(show.page.get_by_text("seul le répertoire de la maison")).to_be_visible()
    show.photograph("found")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    field.press("Escape")
    expect(option).to_have_attribute("aria-selected", "false")
    field.press("ArrowDown")
    field.press("Enter")
    expect(show.find("mic-check")).to_be_visible()
    expect(show.page.get_by_text(TEN_SECONDS.title)).to_be_visible()
    show.check_microphone()
    show.find("start").press("Enter")
    show.wait_for_song_second(1.5)
    assert show.fact("pointsReceived") > 0
    show.page.go_back()
    expect(show.find("recent").first).to_have_text("↻ seCONdes dîx")


@pytest.mark.timeout(150)
def test_a_source_that_fails_is_replaced_by_a_karaoke_pair_that_is_prepared_and_sung(
    visit: Visit, sung: Sing, tmp_path: Path
) -> None:
    microphone = sung(BROUGHT, 0.0)
    show = visit(microphone)
    show.open()
    bring(show, pair_without_a_voice(tmp_path))
    expect_phase(show, "failed")
    expect(show.page.get_by_role("alert")).to_contain_text("personne ne chante dessus")
    show.photograph("failed")
    show.find("other-source").click()
    show.find("source-url").fill("http://127.0.0.1:1/secret")
    show.find("source-url-take").click()
    expect(show.page.get_by_role("alert")).to_contain_text("ne laisse pas entrer cette adresse")
    show.find("other-source").click()
    bring(show, karaoke_pair(BROUGHT, tmp_path))
    expect(show.find("preparation")).not_to_have_attribute("data-phase", "failed", timeout=READY_TIMEOUT_MS)
    show.photograph("preparing")
    show.page.reload()
    expect_phase(show, "ready")
    expect(show.find("confidence")).to_be_visible()
    show.photograph("ready")
    show.check_microphone()
    show.start_with(microphone)
    move_the_words(show)
    results = show.await_verdict()
    assert results["pitch"] >= 90
    kept = show.house.http("GET", f"/api/session/{show.session_id}/lyrics-offset", token=show.token)
    assert kept.body["offset_s"] == pytest.approx(OFFSET_S)


def move_the_words(show: Performance) -> None:
    """By key and by button, in mid-song; they keep what was set."""
    expect(show.page.get_by_text("la mi do né").first).to_be_visible()
    show.page.keyboard.press("ArrowRight")
    show.find("words-later").click()
    show.find("words-later").press("Enter")
    expect(show.find("words-offset")).to_have_text("+0,15 s")
    show.wait_for_song_second(3)
    show.photograph("words-moved")
    show.find("words-close").click()
    expect(show.find("give-up")).to_be_visible()
