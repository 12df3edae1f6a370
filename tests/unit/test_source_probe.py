"""Recordings from strangers: what is accepted, and what bombs and disguises come to."""

import asyncio
import os
import struct
import time
from pathlib import Path

import av
import pytest

from signaling.errors import SourceError
from signaling.sources.child import Limits, Misfortunes, run_child
from signaling.sources.probe import Probed, probe
from tests.support.sounds import write_sound
from tests.unit.recordings import recording

MAX_S = 60.0


async def refusal(path: Path, max_s: float = MAX_S) -> str:
    with pytest.raises(SourceError) as refused:
        await probe(path, max_s)
    assert refused.value.detail
    return refused.value.code


def wav(path: Path, rate_hz: int, channels: int, claimed_bytes: int, real_bytes: int) -> Path:
    """A header of any claim before a hole of zeros."""
    width = 2
    rates = min(rate_hz * channels * width, 0xFFFFFFFF), min(channels * width, 0xFFFF), 8 * width
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", min(claimed_bytes + 36, 0xFFFFFFFF), b"WAVE", b"fmt ", 16, 1, channels, rate_hz),
        *(*rates, b"data", claimed_bytes),
    )
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + real_bytes)
    return path


@pytest.mark.parametrize(
    ("codec", "muxer", "suffix", "media_type"),
    [
        ("mp3", "mp3", ".mp3", "audio/mpeg"),
        ("libopus", "ogg", ".ogg", "audio/ogg"),
        ("aac", "mp4", ".m4a", "audio/mp4"),
        ("libopus", "webm", ".webm", "audio/webm"),
        ("flac", "flac", ".flac", "audio/flac"),
        ("pcm_s16le", "wav", ".wav", "audio/wav"),
        ("pcm_s24be", "aiff", ".aiff", "audio/aiff"),
    ],
)
async def test_a_recording_is_known_by_what_it_holds_not_by_its_name(
    tmp_path: Path, codec: str, muxer: str, suffix: str, media_type: str
) -> None:
    path = write_sound(tmp_path / "disguise.xyz", 2.0, codec=codec, muxer=muxer)
    probed = await probe(path, MAX_S)
    assert (probed.suffix, probed.media_type, probed.path, probed.note) == (suffix, media_type, path, "")
    assert probed.duration_s == pytest.approx(2.0, abs=0.08)
    assert probed.peak_rms == pytest.approx(0.3 / 2**0.5, rel=0.1)  # coders begin with a little silence
    assert len(probed.content_hash) == 64


async def test_a_real_song_is_accepted_with_its_tags() -> None:
    probed = await probe(recording("mixtures/Kevin_MacLeod_-_Vibe_Ace.hq.ogg"), 120.0)
    assert (probed.title, probed.artist) == ("Vibe Ace", "Kevin MacLeod")
    assert probed.duration_s == pytest.approx(61.4, abs=0.2)


async def test_a_video_gives_its_sound_alone_and_the_same_hash_each_time(tmp_path: Path) -> None:
    async def sound_of(name: str) -> Probed:
        folder = tmp_path / name
        await asyncio.to_thread(folder.mkdir)
        video = write_sound(folder / "film.mp3", codec="aac", muxer="mp4", picture=True)
        return await probe(video, MAX_S)

    first, second = await sound_of("a"), await sound_of("b")
    assert first.content_hash == second.content_hash
    assert "picture" in first.note
    assert first.suffix == ".m4a"
    with av.open(str(first.path)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
    assert (await probe(first.path, MAX_S)).duration_s == pytest.approx(3.0, abs=0.1)


async def test_six_hours_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    size = 6 * 3600 * 44_100 * 2
    path = wav(tmp_path / "long.wav", 44_100, 1, size, size)
    began_s = time.monotonic()
    assert await refusal(path, 1200.0) == "too-long"
    assert time.monotonic() - began_s < 15


async def test_a_small_file_that_claims_seconds_and_decodes_to_minutes_is_cut_short(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "bomb.flac", 300.0, codec="flac", muxer="flac", amplitude=0.0)
    data = bytearray(path.read_bytes())
    assert len(data) < 300 * 1024
    data[21] &= 0xF0  # the 36 bits of STREAMINFO that tell the number of samples
    data[22:26] = (5 * 48_000).to_bytes(4, "big")
    path.write_bytes(data)
    assert await refusal(path) == "too-long"


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 64), (4_000_000_000, 1), (384_000, 8), (1, 1)])
async def test_rates_and_channels_beyond_music_are_refused(tmp_path: Path, rate_hz: int, channels: int) -> None:
    path = wav(tmp_path / "odd.wav", rate_hz, channels, 2_000_000, 2_000_000)
    assert await refusal(path) in ("too-large", "not-audio", "too-long", "silent")


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile 'beside.wav'\n",
        "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/x.mp3\n#EXT-X-ENDLIST\n",
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        "these are words",
    ],
)
async def test_a_list_of_other_files_is_no_recording(tmp_path: Path, text: str) -> None:
    write_sound(tmp_path / "beside.wav", 2.0, codec="pcm_s16le", muxer="wav")
    path = tmp_path / "song.mp3"
    path.write_text(text)
    assert await refusal(path) == "not-audio"


async def test_silence_noise_in_the_file_and_nothing_are_told_apart(tmp_path: Path) -> None:
    silent = write_sound(tmp_path / "silent.flac", codec="flac", muxer="flac", amplitude=0.0)
    faint = write_sound(tmp_path / "faint.flac", codec="flac", muxer="flac", amplitude=0.0005)
    quiet = write_sound(tmp_path / "quiet.flac", codec="flac", muxer="flac", amplitude=0.01)
    random, empty = tmp_path / "random.mp3", tmp_path / "empty.mp3"
    random.write_bytes(os.urandom(200_000))
    empty.touch()
    assert await refusal(silent) == "silent"
    assert await refusal(faint) == "silent"
    assert (await probe(quiet, MAX_S)).peak_rms == pytest.approx(0.01 / 2**0.5, rel=0.1)
    assert await refusal(empty) == "not-audio"
    assert await refusal(random) in ("not-audio", "silent")


async def test_a_recording_that_was_cut_off_is_as_long_as_what_is_left(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "whole.mp3", 10.0, codec="mp3", muxer="mp3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert (await probe(path, MAX_S)).duration_s == pytest.approx(5.0, abs=0.3)


async def test_a_child_that_eats_time_or_memory_is_ended_and_told(tmp_path: Path) -> None:
    greedy = tmp_path / "greedy.py"
    greedy.write_text(
        "from signaling.sources.child_main import serve\n"
        "def work(job, tell):\n"
        "    return {'size': len(bytearray(job['bytes']))} if job['bytes'] else exec('while True: pass')\n"
        "serve(work)\n"
    )
    late, crashed = SourceError("late", "late"), SourceError("crashed", "crashed")
    misfortunes = Misfortunes(late, crashed)

    async def ended(limits: Limits, size: int) -> str:
        with pytest.raises(SourceError) as refused:
            await run_child("greedy", {"bytes": size}, limits, misfortunes, python_path=(tmp_path,))
        return refused.value.code

    room = 256 * 1024**2
    assert await ended(Limits(30.0, 30, room, 0), 2**31) == "too-large"
    assert await ended(Limits(1.5, 30, room, 0), 0) == "late"
    assert await ended(Limits(30.0, 1, room, 0), 0) == "late"
    done = await run_child("greedy", {"bytes": 7}, Limits(30.0, 30, room, 0), misfortunes, python_path=(tmp_path,))
    assert done["size"] == 7


async def test_a_child_sees_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEJURY_SECRET", "s" * 32)
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "t" * 32)
    (tmp_path / "teller.py").write_text(
        "import os\nfrom signaling.sources.child_main import serve\n"
        "serve(lambda job, tell: {'names': sorted(os.environ)})\n"
    )
    nothing = SourceError("x", "x")
    limits = Limits(30.0, 30, 256 * 1024**2, 0)
    done = await run_child("teller", {}, limits, Misfortunes(nothing, nothing), python_path=(tmp_path,))
    assert "PATH" in done["names"]
    assert not [name for name in done["names"] if "SECRET" in name or name.startswith("VOICEJURY")]
