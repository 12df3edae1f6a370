"""Asks the reference service, again while it is away; its refusals become errors with a code of the API."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
from voicejury.v1 import reference_pb2

from signaling.errors import SourceError
from signaling.preparing.progress import Whole
from signaling.rtc.reference import ReferenceClient
from signaling.rtc.service_calls import passes_by_itself

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 5.0
MAX_BROKEN_STREAMS = 3  # a recording that kills the service is not tried for ever
WORDS_PATIENCE_S = 30.0  # a song without words can be sung too
STAGE_PREFIX = "PREPARE_STAGE_"
NOT_SET_UP = "This installation has no reference service; sing a song of the list, or an UltraStar song."
# Told by the service as "code: text", and by us to the page. What is not here is a fault of the house.
REFUSALS = {
    "no-source": "no-source",
    "not-audio": "not-audio",
    "too-long": "too-long",
    "too-large": "too-long",
    "silent": "silent",
    "no-voice": "no-voice",
    "separation-missing": "separation-missing",
    "disk-full": "disk-full",
    "broken": "service-failed",
}

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class BrokenStreamError(Exception):
    """The service began and broke off."""


class ReferenceCalls:
    def __init__(self, client: ReferenceClient, patience_s: float) -> None:
        self._client = client
        self._patience_s = patience_s

    async def check_can_split(self) -> None:
        """Raises SourceError where a recording cannot be split here, so that none is downloaded in vain."""
        if not self._client.is_set_up:
            raise SourceError("separation-missing", NOT_SET_UP)
        try:
            abilities = await self._client.abilities()
        except grpc.aio.AioRpcError:
            return  # it is away for a moment; it will say so itself
        for ability in abilities:
            if ability.name == "separation" and not ability.is_there:
                raise SourceError("separation-missing", ability.detail)

    async def prepare(self, request: reference_pb2.PrepareRequest, whole: Whole) -> reference_pb2.PreparedSong:
        """Raises SourceError when it refuses, or stays away for longer than our patience."""
        if not self._client.is_set_up:
            raise SourceError("separation-missing", NOT_SET_UP)
        return await self._until_answered(lambda: self._prepare_once(request, whole), self._patience_s)

    async def align_words(
        self, request: reference_pb2.AlignWordsRequest, whole: Whole
    ) -> reference_pb2.AlignWordsReply:
        """Raises SourceError."""
        return await self._until_answered(lambda: self._align_once(request, whole), WORDS_PATIENCE_S)

    async def _prepare_once(self, request: reference_pb2.PrepareRequest, whole: Whole) -> reference_pb2.PreparedSong:
        told = 0
        try:
            async for event in self._client.prepare(request):
                told += 1
                if event.HasField("prepared"):
                    return event.prepared
                tell_step(event.progress, whole)
        except grpc.aio.AioRpcError as error:
            if told and passes_by_itself(error) and not refusal_code(error):
                raise BrokenStreamError(error.details() or "") from error
            raise
        raise BrokenStreamError("it ended without a song")

    async def _align_once(
        self, request: reference_pb2.AlignWordsRequest, whole: Whole
    ) -> reference_pb2.AlignWordsReply:
        async for event in self._client.align_words(request):
            if event.HasField("reply"):
                return event.reply
            whole.tell("words", event.fraction)
        raise BrokenStreamError("it ended without words")

    async def _until_answered(self, call: Callable[[], Awaitable[Answer]], patience_s: float) -> Answer:
        give_up_s, wait_s, breaks = time.monotonic() + patience_s, FIRST_WAIT_S, 0
        while True:
            try:
                return await call()
            except BrokenStreamError as error:
                breaks += 1
                give_up_s = time.monotonic() + patience_s  # it is there, or was a moment ago
                if breaks >= MAX_BROKEN_STREAMS:
                    raise SourceError("service-failed", "This recording breaks what prepares songs.") from error
            except grpc.aio.AioRpcError as error:
                if (refused := refusal(error)) is not None:
                    raise refused from error
                if time.monotonic() >= give_up_s:
                    raise SourceError("service-failed", "What prepares songs does not answer.") from error
            log.warning("the reference service does not answer, asking again in %.1f s", wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def tell_step(progress: reference_pb2.PrepareProgress, whole: Whole) -> None:
    stage = reference_pb2.PrepareStage.Name(progress.stage).removeprefix(STAGE_PREFIX).lower()
    whole.tell(stage, progress.fraction, progress.left_s if progress.HasField("left_s") else None)


def refusal(error: grpc.aio.AioRpcError) -> SourceError | None:
    """None for what passes by itself."""
    code, _, text = (error.details() or "").partition(": ")
    if code in REFUSALS:
        return SourceError(REFUSALS[code], text)
    if passes_by_itself(error):
        return None
    return SourceError("service-failed", "What prepares songs refused this recording.")


def refusal_code(error: grpc.aio.AioRpcError) -> str:
    return REFUSALS.get((error.details() or "").partition(": ")[0], "")
