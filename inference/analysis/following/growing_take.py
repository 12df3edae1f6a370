"""A take, record by record, as its spool grows: its sound in one piece after the other, and its clock."""

import numpy as np
from voicejury.v1 import audio_pb2

from inference.audio.clock import Anchor, SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples
from inference.audio.pcm import chunk_samples
from inference.audio.take import MAX_ANCHORS, MAX_TAKE_SAMPLES
from inference.errors import AudioFormatError, TakeError
from inference.models.growing import Tail

KEPT_S = 45.0  # of what came, for whoever hears a line when it is over


class GrowingTake:
    """As `read_take` reads it, for spools in which time goes on; only the last KEPT_S are kept."""

    def __init__(self) -> None:
        self.clock = SongClock()
        self.sealed = False
        self._has_header = False
        self._sound = Tail(np.float32)
        self._measured = Tail(np.bool_)
        self._told = 0
        self._waiting: list[tuple[Samples, Flags]] = []  # joined on to the rest in one go
        self.end = 0  # samples that have come

    @property
    def kept_from(self) -> int:
        return max(0, self._told - round(KEPT_S * SAMPLE_RATE_HZ))

    def add(self, record: audio_pb2.TakeRecord) -> None:
        """Raises TakeError for what no take holds."""
        kind = record.WhichOneof("record")
        if not self._has_header and kind != "header":
            raise TakeError("the spool does not begin with a take's header")
        if kind == "header":
            self._begin(record.header)
        elif kind == "audio":
            self._place(record.audio)
        elif kind == "gap":
            self._reach(record.gap.first_sample + record.gap.sample_count)
        elif kind == "anchor":
            self._anchor(record.anchor)
        elif kind == "end":
            self._reach(record.end.sample_count)
            self.sealed = True

    def news(self, most_samples: int) -> tuple[Samples, Flags]:
        """The next samples that nobody was told, `most_samples` at most, and whether each was measured."""
        if self._waiting:
            self._sound.add(np.concatenate([samples for samples, _ in self._waiting]))
            self._measured.add(np.concatenate([measured for _, measured in self._waiting]))
            self._waiting.clear()
        start, stop = self._told, min(self.end, self._told + most_samples)
        samples, measured = self._sound.cut(start, stop), self._measured.cut(start, stop)
        self._told = stop
        self._sound.forget_before(self.kept_from)
        self._measured.forget_before(self.kept_from)
        return samples, measured

    def cut(self, start: int, stop: int) -> tuple[Samples, Flags]:
        """Of what was told. Raises ValueError before `kept_from`."""
        return self._sound.cut(start, stop), self._measured.cut(start, stop)

    def _begin(self, header: audio_pb2.TakeHeader) -> None:
        if header.sample_rate_hz != SAMPLE_RATE_HZ:
            raise TakeError(f"the take has {header.sample_rate_hz} Hz; {SAMPLE_RATE_HZ} Hz is expected")
        self._has_header = True

    def _place(self, chunk: audio_pb2.PcmChunk) -> None:
        try:
            samples = chunk_samples(chunk)
        except AudioFormatError as error:
            raise TakeError(f"the take's sound at sample {chunk.first_sample} cannot be read: {error}") from error
        self._reach(chunk.first_sample)
        samples = samples[max(0, self.end - chunk.first_sample) : max(0, MAX_TAKE_SAMPLES - chunk.first_sample)]
        self._add(samples, np.full(len(samples), not chunk.concealed))

    def _reach(self, end_sample: int) -> None:
        """Nothing was received until there."""
        missing = min(end_sample, MAX_TAKE_SAMPLES) - self.end
        if missing > 0:
            self._add(np.zeros(missing, np.float32), np.zeros(missing, np.bool_))

    def _add(self, samples: Samples, measured: Flags) -> None:
        self._waiting.append((samples, measured))
        self.end += len(samples)

    def _anchor(self, anchor: audio_pb2.ClockAnchor) -> None:
        if anchor.sample < MAX_TAKE_SAMPLES and len(self.clock.anchors) < MAX_ANCHORS:
            self.clock.add(Anchor(anchor.sample, anchor.song_s, anchor.playing))
