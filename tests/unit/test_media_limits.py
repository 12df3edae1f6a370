"""What is refused or bounded: messages of the phone, load, settings."""

from pathlib import Path

import numpy as np
import pytest
from voicejury.v1 import media_pb2

from media_server.admission import admit
from media_server.config import Settings
from media_server.downlink import MAX_MESSAGE_BYTES, BadMessageError, RateLimit, parse_phone
from media_server.downmix import Downmix
from media_server.errors import OverloadedError, StartupError
from media_server.receiver import check_private_names
from tests.support.places import ROOT

SECRET = "x" * 32


def clock(song_s: float = 1.0, epoch_ms: float = 1e12) -> bytes:
    return media_pb2.FromPhone(clock=media_pb2.PlaybackClock(song_s=song_s, epoch_ms=epoch_ms)).SerializeToString()


@pytest.mark.parametrize(
    "data",
    [
        "text",
        b"",
        b"\xff\xff\xff",
        b"\x0a" + b"x" * MAX_MESSAGE_BYTES,
        clock(song_s=float("nan")),
        clock(song_s=float("inf")),
        clock(song_s=1e9),
        clock(epoch_ms=-1.0),
        media_pb2.FromPhone(ping=media_pb2.Ping(epoch_ms=float("nan"))).SerializeToString(),
    ],
)
def test_a_message_that_is_none_of_the_contract_is_refused(data: object) -> None:
    with pytest.raises(BadMessageError):
        parse_phone(data)


def test_a_playback_clock_during_the_count_in_is_accepted() -> None:
    assert parse_phone(clock(song_s=-4.0)).clock.song_s == -4.0


def test_a_rate_limit_lets_through_its_count_in_each_period() -> None:
    limit = RateLimit(2, 10.0)
    assert [limit.allows(at_s) for at_s in (100.0, 101.0, 102.0, 110.5)] == [True, True, False, True]


def test_the_last_place_is_given_and_the_next_one_refused() -> None:
    admit(live_peers=59, max_peers=60, lag_p95_ms=0.0, max_lag_ms=20.0)
    with pytest.raises(OverloadedError, match=r"^busy: ") as refused:
        admit(live_peers=60, max_peers=60, lag_p95_ms=0.0, max_lag_ms=20.0)
    assert refused.value.retry_after_s > 0


def test_a_late_loop_refuses_one_more_singer_but_never_the_first() -> None:
    with pytest.raises(OverloadedError, match="ms late"):
        admit(live_peers=1, max_peers=60, lag_p95_ms=21.0, max_lag_ms=20.0)
    admit(live_peers=0, max_peers=60, lag_p95_ms=500.0, max_lag_ms=20.0)


def test_the_installed_aiortc_has_the_names_that_are_tapped() -> None:
    check_private_names()


def test_takes_lie_below_the_data_folder_unless_a_file_url_says_otherwise(tmp_path: Path) -> None:
    assert Settings(secret=SECRET, data_dir=tmp_path).takes_dir == tmp_path / "takes"
    assert Settings(secret=SECRET, audio_url="file:///srv/a%20b").takes_dir == Path("/srv/a b")
    with pytest.raises(StartupError, match="VOICEJURY_AUDIO_URL"):
        _ = Settings(secret=SECRET, audio_url="s3://bucket/takes").takes_dir


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEJURY_SECRET", SECRET)
    monkeypatch.setenv("VOICEJURY_MEDIA_ADDRESSES", "192.0.2.1, 2001:db8::1")
    monkeypatch.setenv("VOICEJURY_ICE_SERVERS", '[{"urls": "turn:turn.test:3478", "username": "u", "credential": "c"}]')
    monkeypatch.setenv("VOICEJURY_RECEIVER", "aiortc")
    settings = Settings()
    assert settings.media_addresses == ("192.0.2.1", "2001:db8::1")
    assert settings.ice_servers[0].username == "u"
    assert settings.receiver.value == "aiortc"


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "deploy" / "env.example").read_text()
    assert [name for name in Settings.model_fields if f"VOICEJURY_{name.upper()}=" not in documented] == []


def test_a_downmixed_tone_keeps_its_level_and_its_count_of_samples() -> None:
    downmix = Downmix()
    seconds = np.arange(4_800) / 48_000
    tone = np.rint(16_384 * np.sin(2 * np.pi * 440.0 * seconds)).astype(np.int16)
    stereo = np.repeat(tone, 2)
    pcm = np.concatenate([downmix.convert(part.reshape(1, -1)) for part in np.split(stereo, 5)])
    assert len(pcm) == 1_600
    assert np.abs(pcm[200:]).max() == pytest.approx(0.5, rel=0.01)
