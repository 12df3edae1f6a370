"""A real singer: vocadito_1 before the microphone, the notes of annotator A1 on the lane."""

from pathlib import Path

import pytest
import soundfile

from tests.e2e.conftest import Visit
from tests.support.house import House
from tests.support.microphone_file import write_microphone_file
from tests.support.recorded_song import TITLE, write_recorded_song
from tests.support.verdict_facts import assert_the_jury_quotes_the_take


@pytest.mark.timeout(180)
def test_a_recorded_singer_is_judged_against_the_notes_that_an_annotator_heard(
    visit: Visit, house: House, recordings: Path, tmp_path: Path
) -> None:
    folder = write_recorded_song(recordings, tmp_path / "song")
    added = house.command("songs", "add", str(folder), "--json")
    assert added.returncode == 0, added.stderr
    song_id = next(song["id"] for song in house.http("GET", "/api/songs").body["songs"] if song["title"] == TITLE)
    voice, sample_rate_hz = soundfile.read(recordings / "pitch" / "vocadito_1" / "vocadito_1.wav")
    microphone = write_microphone_file(tmp_path / "voice.wav", voice, sample_rate_hz)
    show = visit(microphone)
    show.go_on_stage(song_id, microphone)
    show.wait_for_song_second(15)
    show.photograph("stage")
    show.wait_for_song_second(32)
    results = show.await_verdict()
    show.photograph("verdict")
    assert results["pitch"] >= 70
    assert results["coverage"] >= 0.85
    assert_the_jury_quotes_the_take(results)
