"""AlignWords over real gRPC: the song's notes alone, and lyrics that cannot be timed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
import pytest_asyncio
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.service.config import Settings
from inference.service.server import Role, running

if TYPE_CHECKING:
    from voicejury.v1.reference_pb2_grpc import ReferenceServiceAsyncStub as Stub

SECRET = "a secret for tests that is long enough"
Line = reference_pb2.TimedLine
Request = reference_pb2.AlignWordsRequest


@pytest_asyncio.fixture
async def stub(tmp_path: Path) -> AsyncIterator["Stub"]:
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny")
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield reference_pb2_grpc.ReferenceServiceStub(channel)


def song_of_notes(onsets_s: list[float]) -> song_pb2.Song:
    notes = [song_pb2.Note(onset_s=onset_s, offset_s=onset_s + 0.4, midi=60) for onset_s in onsets_s]
    phrase = song_pb2.Phrase(onset_s=onsets_s[0], offset_s=onsets_s[-1] + 0.4, notes=notes)
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    return song_pb2.Song(duration_s=onsets_s[-1] + 5.0, voices=[song_pb2.Voice(reference=reference)])


async def aligned(stub: "Stub", request: Request, secret: str = SECRET) -> list[reference_pb2.AlignWordsEvent]:
    metadata = bearer_metadata(mint(secret, Scope.SERVICE, "test", 60))
    return [event async for event in stub.AlignWords(request, metadata=metadata, timeout=60)]


async def test_words_are_timed_on_written_notes_with_progress(stub: "Stub") -> None:
    onsets_s = [4.0, 6.0, 6.5, 12.0, 13.5]
    lines = [Line(text="one two three", onset_s=4.0), Line(text="four five", onset_s=12.0)]
    *progress, last = await aligned(stub, Request(song=song_of_notes(onsets_s), language="en", lines=lines))
    assert [event.fraction for event in progress] == [0.0, 0.5]
    words = last.reply.lyrics.words
    assert [word.onset_s for word in words] == pytest.approx(onsets_s, abs=0.06)
    assert [(word.text, word.phrase, word.timed_by) for word in words][3] == ("four", 1, "syllables")
    assert last.reply.lyrics.language == "en"
    assert "Whisper" in last.reply.reason


@pytest.mark.parametrize(
    "request_",
    [
        Request(lines=[]),
        Request(lines=[Line(text=" ")]),
        Request(lines=[Line(text="la " * 100)] * 100),  # 10 000 words
        Request(lines=[Line(text="la")], method="magic"),
        Request(lines=[Line(text="la")], language="not a language"),
        Request(lines=[Line(text="la")], content_hash="../../etc/passwd"),
        Request(lines=[Line(text="la")], song=song_pb2.Song(duration_s=float("nan"))),
    ],
)
async def test_what_cannot_be_timed_is_an_invalid_argument(stub: "Stub", request_: Request) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await aligned(stub, request_)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (refused.value.details() or "").startswith("bad-request: ")


async def test_a_song_that_was_never_prepared_is_not_found(stub: "Stub") -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await aligned(stub, Request(lines=[Line(text="la")], content_hash="0" * 64))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert (refused.value.details() or "").startswith("no-source: ")


@pytest.mark.parametrize("is_fetched", [False, True])
async def test_whisper_is_an_ability_of_its_own(tmp_path: Path, is_fetched: bool) -> None:
    if is_fetched:
        (tmp_path / "whisper").mkdir()
        (tmp_path / "whisper" / "model.bin").touch()
    settings = Settings(
        secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", whisper_model=tmp_path / "whisper"
    )
    metadata = bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 60))
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        asked = reference_pb2_grpc.ReferenceServiceStub(channel).Abilities
        reply = await asked(reference_pb2.AbilitiesRequest(), metadata=metadata)
    found = {one.name: one for one in reply.abilities}
    assert found["word-times"].is_there
    assert found["whisper"].is_there is is_fetched
    assert ("voicejury models fetch whisper" in found["whisper"].detail) is not is_fetched


async def test_who_has_no_token_of_a_service_is_refused(stub: "Stub") -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await aligned(stub, Request(lines=[Line(text="la")]), secret="another secret, that is long enough too")
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
