"""Times for known words on a song that was prepared here."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from voicejury.v1 import reference_pb2

from inference.audio.recordings import decode_stereo, mono_16k
from inference.contract import MAX_SONG_S
from inference.errors import PrepareError
from inference.service.stems import StemStore, check_hash

if TYPE_CHECKING:
    from inference.analysis.word_times import PreparedVoice, SpeechTimer
    from inference.models.whisper_align import WhisperAligner

NO_WHISPER = "Whisper is not installed: run `voicejury models fetch whisper-small`"
MODEL_FILE = "model.bin"
WHISPER = "words are heard by Whisper"
Event = reference_pb2.AlignWordsEvent


class WordTimes:
    """One song at a time, not behind a separation. `whisper` is the folder of a model, loaded when first asked."""

    def __init__(self, store: StemStore, whisper: Path | None) -> None:
        self._store = store
        self._whisper = whisper
        self._aligner: WhisperAligner | None = None
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="words")
        self._is_stopping = False

    def abilities(self) -> list[reference_pb2.Ability]:
        """Words are timed without Whisper too; with it, better."""
        is_there = self._whisper is not None and (self._whisper / MODEL_FILE).is_file()
        return [
            reference_pb2.Ability(name="word-times", is_there=True, detail="whisper" if is_there else "by syllables"),
            reference_pb2.Ability(name="whisper", is_there=is_there, detail=WHISPER if is_there else NO_WHISPER),
        ]

    def stop(self) -> None:
        """Ends the work under way at its next step."""
        self._is_stopping = True
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def follow(self, request: reference_pb2.AlignWordsRequest) -> AsyncIterator[Event]:
        """Fractions, then the reply. Raises PrepareError where the song is not prepared, RequestError, SongError."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        is_listening = True

        def work() -> None:
            try:
                for event in self._events(request):
                    if self._is_stopping or not is_listening:
                        return
                    loop.call_soon_threadsafe(queue.put_nowait, event)
            finally:
                loop.call_soon_threadsafe(queue.put_nowait, None)

        done = loop.run_in_executor(self._workers, work)
        try:
            while (event := await queue.get()) is not None:
                yield event
            await done
        finally:
            is_listening = False
            done.add_done_callback(_take_error)

    def _events(self, request: reference_pb2.AlignWordsRequest) -> Iterator[Event]:
        """In a worker's thread, which loads the judge's code for the first song."""
        from inference.analysis.word_times import align_words, check_request

        check_request(request)
        with self._store.workplace() as workplace:
            voice = self._voice(request, workplace)
        speech = self._listener()
        yield from align_words(request, voice, speech, NO_WHISPER if speech is None else "")

    def _listener(self) -> "SpeechTimer | None":
        from inference.models.whisper_align import WhisperAligner

        if self._whisper is not None and self._aligner is None:
            self._aligner = WhisperAligner(self._whisper)
        return None if self._aligner is None else self._aligner.listen

    def _voice(self, request: reference_pb2.AlignWordsRequest, workplace: Path) -> "PreparedVoice":
        from inference.analysis.word_times import PreparedVoice

        if not request.content_hash:
            return PreparedVoice(request.song, None, bool(request.song.vocals_key))
        check_hash(request.content_hash)
        known = self._store.prepared(request.content_hash)
        if known is None:
            raise PrepareError("no-source", "this song is not prepared here any longer")
        name = known.song.vocals_key or known.song.audio_key
        path = self._store.fetched(f"{request.content_hash}/{name}", workplace)
        return PreparedVoice(known.song, mono_16k(decode_stereo(path, MAX_SONG_S)), bool(known.song.vocals_key))


def _take_error(over: "asyncio.Future[None]") -> None:
    """It was told already, or nobody listens any longer."""
    if not over.cancelled():
        over.exception()
