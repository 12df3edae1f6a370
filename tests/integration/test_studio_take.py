"""A take that was sung over WebRTC into the running house, heard again in the studio in step with its song."""

import io
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import correlate, correlation_lags
from voicejury.tokens import Scope, mint

from tests.support.house import House
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.short_song import TEN_SECONDS

STEP_S = 0.01
IN_STEP_S = 0.12  # the headless singer's own start is not measured by anybody


def envelope(
    sound: "np.ndarray[tuple[int], np.dtype[np.float64]]", rate_hz: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Loudness each 10 ms, without its mean."""
    step = round(STEP_S * rate_hz)
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(frames**2, axis=1))
    return np.asarray(level - level.mean())


def test_a_take_sung_over_webrtc_is_heard_in_step_with_the_song(house: House, tmp_path: Path) -> None:
    added = house.command("songs", "add", str(TEN_SECONDS.folder(tmp_path)))
    assert added.returncode == 0, added.stderr
    voice = TEN_SECONDS.voice()
    soundfile.write(tmp_path / "voice.wav", voice, SAMPLE_RATE_HZ)
    before = {path.name for path in (house.data_dir / "takes").glob("*")}
    song_id = next(
        song["id"] for song in house.http("GET", "/api/songs").body["songs"] if song["title"] == TEN_SECONDS.title
    )
    sung = house.command("sing", str(tmp_path / "voice.wav"), "--song", song_id)
    assert sung.returncode == 0, sung.stderr
    (session_id,) = {path.name for path in (house.data_dir / "takes").glob("*")} - before
    token = mint((house.data_dir / "secret").read_text().strip(), Scope.SESSION, session_id, 60)

    listed = house.http("GET", f"/api/audio/{session_id}/tracks", token=token).body
    (take,) = [track for track in listed["tracks"] if (track["owner"], track["name"]) == ("user", "original")]
    sound, rate_hz = soundfile.read(io.BytesIO(house.http("GET", take["url"], token=token).body))
    heard, wanted = envelope(sound, rate_hz), envelope(voice, SAMPLE_RATE_HZ)
    match = correlate(heard, wanted, mode="full")
    lag_s = STEP_S * correlation_lags(len(heard), len(wanted))[int(np.argmax(match))]
    assert abs(lag_s) < IN_STEP_S
    assert match.max() / np.sqrt((heard**2).sum() * (wanted**2).sum()) > 0.7
