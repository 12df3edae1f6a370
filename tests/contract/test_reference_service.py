"""ReferenceService over real gRPC: karaoke pairs, written notes, caches and bad input. Nothing here needs torch."""

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import grpc
import numpy as np
import pytest
import pytest_asyncio
import soundfile
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.audio.recordings import STEREO_RATE_HZ, decode_stereo
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.support.mixtures import vocadito_over_vibe_ace, write_wav
from tests.support.small_disk import small_disk as mounted_disk
from tests.unit.recordings import RATE_HZ, voice

if TYPE_CHECKING:
    from voicejury.v1.reference_pb2_grpc import ReferenceServiceAsyncStub as Stub

SECRET = "a secret for tests that is long enough"
PREPARE_S = 120
MIDIS = (60, 64, 62, 67, 65, 60)


@pytest_asyncio.fixture
async def stub(tmp_path: Path) -> AsyncIterator["Stub"]:
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", max_source_s=60.0)
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield reference_pb2_grpc.ReferenceServiceStub(channel)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted_disk(tmp_path / "disk", "6m") as disk:
        yield disk


def metadata() -> tuple[tuple[str, str], ...]:
    return bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 60))


def hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


async def events_of(stub: "Stub", request: reference_pb2.PrepareRequest) -> list[reference_pb2.PrepareEvent]:
    call = stub.Prepare(request, metadata=metadata(), timeout=PREPARE_S)
    return [event async for event in call]


async def prepared(stub: "Stub", request: reference_pb2.PrepareRequest) -> reference_pb2.PreparedSong:
    return (await events_of(stub, request))[-1].prepared


def tune(seconds: float = 6.5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Six notes, one a second, in stereo at 44.1 kHz."""
    sound = np.zeros(round(seconds * STEREO_RATE_HZ), np.float32)
    for number, midi in enumerate(MIDIS):
        note = voice(440 * 2 ** ((midi - 69) / 12) * RATE_HZ / STEREO_RATE_HZ, 0.8 * STEREO_RATE_HZ / RATE_HZ)
        start = round((0.3 + number) * STEREO_RATE_HZ)
        sound[start : start + len(note)] = note[: len(sound) - start]
    return np.stack([sound, sound])


def hiss(seconds: float = 6.5, level: float = 0.05) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(2)
    return np.asarray(level * rng.standard_normal((2, round(seconds * STEREO_RATE_HZ))), np.float32)


def pair_request(tmp_path: Path, name: str = "pair", song: song_pb2.Song | None = None) -> reference_pb2.PrepareRequest:
    """A short karaoke pair in the store."""
    write_wav(tmp_path / "stems" / "originals" / f"{name}-voice.wav", tune())
    write_wav(tmp_path / "stems" / "originals" / f"{name}-backing.wav", hiss())
    return reference_pb2.PrepareRequest(
        content_hash=hash_of(name),
        instrumental_key=f"originals/{name}-backing.wav",
        vocals_key=f"originals/{name}-voice.wav",
        song=song,
    )


async def test_a_recorded_pair_becomes_a_song_with_its_own_notes(stub: "Stub", tmp_path: Path) -> None:
    mixture = vocadito_over_vibe_ace()
    write_wav(tmp_path / "stems" / "originals" / "voice.wav", mixture.vocals)
    write_wav(tmp_path / "stems" / "originals" / "backing.wav", mixture.backing)
    request = reference_pb2.PrepareRequest(
        content_hash=hash_of("vocadito"),
        instrumental_key="originals/backing.wav",
        vocals_key="originals/voice.wav",
        song=song_pb2.Song(title="Vocadito", language="tl"),
    )
    events = await events_of(stub, request)
    fractions = [event.progress.fraction for event in events[:-1]]
    assert fractions == sorted(fractions)
    told = [event.progress.stage for event in events[:-1]]
    assert told == sorted(told)
    assert reference_pb2.PREPARE_STAGE_SEPARATE not in told
    done = events[-1].prepared
    assert (done.separator, done.was_cached) == ("pair", False)
    song = done.song
    notes = [note for phrase in song.voices[0].reference.melody.phrases for note in phrase.notes]
    assert 40 <= len(notes) <= 120
    folder = tmp_path / "stems" / request.content_hash
    assert sorted(path.name for path in folder.iterdir()) == ["instrumental.flac", "song.pb", "vocals.flac"]
    assert not list((tmp_path / "stems").glob(".preparing-*"))


async def test_the_same_song_is_answered_at_once_the_second_time_under_its_new_names(
    stub: "Stub", tmp_path: Path
) -> None:
    first = await prepared(stub, pair_request(tmp_path, song=song_pb2.Song(title="One", artist="A", language="fr")))
    begun_s = time.process_time()
    events = await events_of(stub, pair_request(tmp_path, song=song_pb2.Song(title="Two")))
    assert time.process_time() - begun_s < 1.0  # of the processor: a busy machine may stop for longer
    assert len(events) == 1
    again = events[0].prepared
    assert (again.was_cached, again.song.title, again.song.artist, again.song.language) == (True, "Two", "A", "fr")
    assert again.song.voices == first.song.voices
    assert {time.stage for time in first.times} == {
        reference_pb2.PREPARE_STAGE_DECODE,
        reference_pb2.PREPARE_STAGE_PITCH,
        reference_pb2.PREPARE_STAGE_STORE,
    }


async def test_a_song_whose_sound_was_taken_away_is_prepared_again(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    await prepared(stub, request)
    (tmp_path / "stems" / request.content_hash / "vocals.flac").unlink()
    again = await prepared(stub, request)
    assert not again.was_cached
    assert (tmp_path / "stems" / request.content_hash / "vocals.flac").is_file()


async def test_the_stored_sound_is_the_given_sound_sample_for_sample(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    song = (await prepared(stub, request)).song
    folder = tmp_path / "stems" / request.content_hash
    for key, given in ((song.vocals_key, tune()), (song.audio_key, hiss())):
        kept = decode_stereo(folder / key, 60.0)
        assert kept.shape == given.shape
        assert float(np.abs(kept - given).max()) < 1 / 32_000
    assert song.duration_s == pytest.approx(6.5, abs=1e-3)


async def test_what_was_sung_is_found_with_its_key_range_and_lines(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    lines = [
        song_pb2.Phrase(onset_s=0.3, offset_s=3.2, text="do mi re"),
        song_pb2.Phrase(onset_s=3.3, text="sol fa do"),
    ]
    lines[1].offset_s = 6.3
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=lines))
    request.song.voices.add(name="P1", reference=reference)
    song = (await prepared(stub, request)).song
    phrases = song.voices[0].reference.melody.phrases
    assert [phrase.text for phrase in phrases] == ["do mi re", "sol fa do"]
    notes = [note for phrase in phrases for note in phrase.notes]
    assert [round(note.midi) for note in notes] == list(MIDIS)
    onsets_s = [note.onset_s for note in notes]
    assert onsets_s == pytest.approx([0.3 + number for number in range(6)], abs=0.05)
    assert (song.key, round(song.lowest_midi), round(song.highest_midi)) == ("C", 60, 67)
    assert len(song.voices[0].reference.contour.f0_hz) == 650
    assert "no-lyrics" not in song.confidence.remarks


def written_song(semitones: float = 0.0) -> song_pb2.Song:
    notes = [
        song_pb2.Note(onset_s=0.3 + n, offset_s=1.1 + n, midi=midi + semitones * (n % 2), syllable="la")
        for n, midi in enumerate(MIDIS)
    ]
    phrase = song_pb2.Phrase(onset_s=0.3, offset_s=6.1, notes=notes, text="la la la la la la")
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    return song_pb2.Song(title="Written", voices=[song_pb2.Voice(name="P1", reference=reference)])


async def test_written_notes_stay_and_are_told_how_far_the_voice_agrees(stub: "Stub", tmp_path: Path) -> None:
    right, wrong = pair_request(tmp_path, "right"), pair_request(tmp_path, "wrong")
    right.song.CopyFrom(written_song())
    wrong.song.CopyFrom(written_song(semitones=3.0))
    agreeing, differing = (await prepared(stub, right)).song, (await prepared(stub, wrong)).song
    assert agreeing.voices == right.song.voices
    assert not agreeing.voices[0].reference.HasField("contour")
    assert agreeing.confidence.notes_agreement > 0.9
    assert agreeing.confidence.own_score > 0.9
    assert differing.confidence.notes_agreement == pytest.approx(0.5, abs=0.1)
    assert "notes-differ" in differing.confidence.remarks
    assert differing.confidence.overall < agreeing.confidence.overall - 0.1


async def test_written_notes_need_neither_a_voice_nor_a_separation(stub: "Stub", tmp_path: Path) -> None:
    pair = pair_request(tmp_path)
    requests = {
        "backing": reference_pb2.PrepareRequest(instrumental_key=pair.instrumental_key),
        "original": reference_pb2.PrepareRequest(original_key=pair.vocals_key),
    }
    for name, request in requests.items():
        request.content_hash = hash_of(name)
        request.song.CopyFrom(written_song())
        done = await prepared(stub, request)
        assert done.separator == "none"
        assert done.song.voices == request.song.voices
        assert (done.song.vocals_key, done.song.HasField("confidence"), done.song.key) == ("", False, "C")
        assert (tmp_path / "stems" / request.content_hash / done.song.audio_key).is_file()


@pytest.mark.parametrize(
    ("keys", "code", "status"),
    [
        (
            {"instrumental_key": "originals/silent.wav", "vocals_key": "originals/tune.wav"},
            "silent",
            "INVALID_ARGUMENT",
        ),
        (
            {"instrumental_key": "originals/hiss.wav", "vocals_key": "originals/hiss.wav"},
            "no-voice",
            "INVALID_ARGUMENT",
        ),
        (
            {"instrumental_key": "originals/hiss.wav", "vocals_key": "originals/silent.wav"},
            "no-voice",
            "INVALID_ARGUMENT",
        ),
        ({"instrumental_key": "originals/hiss.wav"}, "no-voice", "INVALID_ARGUMENT"),
        (
            {"instrumental_key": "originals/text.mp4", "vocals_key": "originals/tune.wav"},
            "not-audio",
            "INVALID_ARGUMENT",
        ),
        (
            {"instrumental_key": "originals/mute.mp4", "vocals_key": "originals/tune.wav"},
            "not-audio",
            "INVALID_ARGUMENT",
        ),
        (
            {"instrumental_key": "originals/long.wav", "vocals_key": "originals/tune.wav"},
            "too-long",
            "INVALID_ARGUMENT",
        ),
        ({"instrumental_key": "originals/absent.wav", "vocals_key": "originals/tune.wav"}, "no-source", "NOT_FOUND"),
        ({"instrumental_key": "../secret", "vocals_key": "originals/tune.wav"}, "bad-request", "INVALID_ARGUMENT"),
        ({"instrumental_key": "/etc/passwd", "vocals_key": "originals/tune.wav"}, "bad-request", "INVALID_ARGUMENT"),
        (
            {"original_key": "originals/tune.wav", "instrumental_key": "originals/hiss.wav"},
            "bad-request",
            "INVALID_ARGUMENT",
        ),
        ({}, "bad-request", "INVALID_ARGUMENT"),
    ],
)
async def test_what_cannot_be_sung_is_refused_by_its_code_and_leaves_nothing(
    stub: "Stub", tmp_path: Path, keys: dict[str, str], code: str, status: str
) -> None:
    folder = tmp_path / "stems" / "originals"
    write_wav(folder / "tune.wav", tune())
    write_wav(folder / "hiss.wav", hiss())
    write_wav(folder / "silent.wav", hiss(level=1e-5))
    soundfile.write(folder / "long.wav", np.zeros(8_000 * 61, np.float32), 8_000)
    (folder / "text.mp4").write_text("no film at all\n" * 100)
    write_mute_film(folder / "mute.mp4")
    request = reference_pb2.PrepareRequest(content_hash=hash_of("bad"))
    for name, key in keys.items():
        setattr(request, name, key)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await events_of(stub, request)
    assert str(refused.value.details()).startswith(f"{code}: ")
    assert refused.value.code() is grpc.StatusCode[status]
    assert sorted(path.name for path in (tmp_path / "stems").iterdir()) == ["originals"]


def write_mute_film(path: Path) -> None:
    """A film without a sound track."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))


async def test_without_what_splits_a_song_the_remedy_is_named(stub: "Stub", tmp_path: Path) -> None:
    write_wav(tmp_path / "stems" / "originals" / "song.wav", tune())
    abilities = await stub.Abilities(reference_pb2.AbilitiesRequest(), metadata=metadata())
    by_name = {ability.name: ability for ability in abilities.abilities}
    assert not by_name["separation"].is_there
    assert by_name["word-times"].is_there
    request = reference_pb2.PrepareRequest(content_hash=hash_of("song"), original_key="originals/song.wav")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await events_of(stub, request)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert str(refused.value.details()) == f"separation-missing: {by_name['separation'].detail}"
    assert "make setup-full" in by_name["separation"].detail or "voicejury models fetch" in by_name["separation"].detail


async def test_two_who_ask_at_the_same_time_share_one_preparation(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    both = await asyncio.gather(prepared(stub, request), prepared(stub, request))
    assert both[0] == both[1]
    assert not both[0].was_cached  # neither came after the other
    assert [time.wall_s for time in both[0].times] == [time.wall_s for time in both[1].times]


async def test_a_caller_that_goes_away_does_not_end_what_another_waits_for(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    leaving = stub.Prepare(request, metadata=metadata(), timeout=PREPARE_S)
    await leaving.read()
    staying = asyncio.create_task(prepared(stub, request))
    await asyncio.sleep(0.05)
    leaving.cancel()
    assert (await staying).song.audio_key == "instrumental.flac"


async def test_a_full_disk_is_told_and_no_half_song_stays(small_disk: Path) -> None:
    settings = Settings(secret=SecretStr(SECRET), data_dir=small_disk, final_pitch="tiny")
    originals = small_disk / "stems" / "originals"
    originals.mkdir(parents=True)
    soundfile.write(originals / "voice.flac", tune().T, STEREO_RATE_HZ)
    soundfile.write(originals / "backing.flac", hiss(level=0.3).T[: STEREO_RATE_HZ * 6], STEREO_RATE_HZ)
    left = shutil.disk_usage(small_disk).free
    (small_disk / "full").write_bytes(bytes(left - 300_000))
    request = reference_pb2.PrepareRequest(
        content_hash=hash_of("full"),
        instrumental_key="originals/backing.flac",
        vocals_key="originals/voice.flac",
    )
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await events_of(reference_pb2_grpc.ReferenceServiceStub(channel), request)
    assert str(refused.value.details()).startswith("disk-full: ")
    assert [path.name for path in (small_disk / "stems").iterdir()] == ["originals"]


async def test_what_a_killed_preparation_left_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "stems" / ".preparing-abc"
    left.mkdir(parents=True)
    (left / "vocals.flac").write_bytes(b"half")
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny")
    async with running(Role.REFERENCE, settings):
        assert not left.exists()


async def test_a_singer_s_token_prepares_nothing(stub: "Stub") -> None:
    singer = bearer_metadata(mint(SECRET, Scope.SESSION, "s1", 60))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.Abilities(reference_pb2.AbilitiesRequest(), metadata=singer)
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_the_words_of_a_prepared_song_are_timed_on_its_voice(stub: "Stub", tmp_path: Path) -> None:
    request = pair_request(tmp_path)
    song = (await prepared(stub, request)).song
    lines = [
        reference_pb2.TimedLine(text="ba da ga", onset_s=0.3),
        reference_pb2.TimedLine(text="pa ta ka", onset_s=3.3),
    ]
    wish = reference_pb2.AlignWordsRequest(
        content_hash=request.content_hash, song=song, language="fr", lines=lines, method="auto"
    )
    events = [event async for event in stub.AlignWords(wish, metadata=metadata(), timeout=60)]
    reply = events[-1].reply
    assert [word.text for word in reply.lyrics.words] == ["ba", "da", "ga", "pa", "ta", "ka"]
    assert [word.onset_s for word in reply.lyrics.words] == pytest.approx([0.3 + n for n in range(6)], abs=0.25)
    assert reply.method == "syllables"
    assert "voicejury models fetch" in reply.reason


async def test_words_for_a_song_that_is_not_prepared_are_refused(stub: "Stub") -> None:
    wish = reference_pb2.AlignWordsRequest(
        content_hash=hash_of("never"), language="fr", lines=[reference_pb2.TimedLine(text="la")], method="auto"
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in stub.AlignWords(wish, metadata=metadata(), timeout=60):
            pass
    assert str(refused.value.details()).startswith("no-source: ")


async def test_words_and_notes_that_become_known_later_are_put_on_the_parts_that_are_there(
    stub: "Stub", tmp_path: Path
) -> None:
    first = await prepared(stub, pair_request(tmp_path))
    for path in (tmp_path / "stems" / "originals").iterdir():
        path.unlink()  # the parts alone are left
    lines = [song_pb2.Phrase(onset_s=0.3, text="do mi re"), song_pb2.Phrase(onset_s=3.3, text="sol fa do")]
    known = song_pb2.Song()
    known.voices.add(name="P1").reference.melody.phrases.extend(lines)
    request = reference_pb2.PrepareRequest(
        content_hash=hash_of("pair"), instrumental_key="originals/gone.wav", vocals_key="originals/gone.wav", song=known
    )
    lined = await prepared(stub, request)
    assert not lined.was_cached
    assert [phrase.text for phrase in lined.song.voices[0].reference.melody.phrases] == ["do mi re", "sol fa do"]
    assert lined.separator == first.separator
    request.song.CopyFrom(written_song())
    assert (await prepared(stub, request)).song.voices == written_song().voices
    assert (await prepared(stub, request)).was_cached
    request.song.Clear()
    assert (await prepared(stub, request)).song.voices == written_song().voices
