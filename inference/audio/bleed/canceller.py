"""The backing taken out of a take while it is sung, or afterwards: the same code, the same samples to the bit.

Each segment of half a second is finished LOOK_AHEAD segments later, with the response of the room that explains it
best: the one that was known before it, in it, or by what came after it. So the first seconds of a take are as clean as
the rest, and a room that changes costs a tenth of a second.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from inference.audio.bleed.delay_search import EARLIEST
from inference.audio.bleed.echo_filter import BLOCK_SAMPLES, FLOOR, TAPS, power_of
from inference.audio.bleed.learner import SEGMENT_BLOCKS, SEGMENT_SAMPLES, Learner, Response
from inference.audio.bleed.measure import Levels, block_db, decibels
from inference.audio.bleed.song_place import Line, SongPlace, lines_of
from inference.audio.bleed.suppressor import DELAY_BLOCKS, Suppressor
from inference.audio.bleed.tape import Tape
from inference.audio.clock import SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples

LOOK_AHEAD = 10  # segments, 5.1 s
CANDIDATES = (-1, 0, 2, 5, LOOK_AHEAD)  # segments from the one to be finished
CLOCK_BLOCKS = 32  # 1 s: so long an anchor may come after its sound
AROUND_BLOCKS = 4  # of a segment that are looked at beside it
STEADY_BLOCKS = 4  # to either side: over so many blocks a response must be the better one
LEAST_BLEED_DB = -30.0  # under the voice: less is not heard as a voice
LEAST_LEVEL_DB = -65.0  # dBFS: less is not heard at all
BETTER = 0.02  # in the mean logarithm of the spectrum's power: so much a prediction must explain
RECENT_SEGMENTS = 8
REST_QUANTILE = 0.15  # of the blocks are rests of the singer: what is left in them is the backing's
FIRST_REMAINS_DB = -10.0
FIRST_BLOCKS = 20
REMAINS_FADE = 0.98

Block = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BleedFound:
    """Of a whole take, or of what came of it by now."""

    cancelled_segments: int
    segments: int
    bleed_db: float | None  # backing against voice; None: no backing was found
    left_db: float | None


@dataclass(frozen=True, slots=True)
class _Best:
    """What a segment's blocks are best explained by."""

    predicted: Block  # of the segment; zeros where nothing explains it better than nothing
    explained: float  # mean logarithm of the spectrum's power


class Canceller:
    """`push` until the take is over; what it gives does not depend on how the take is cut."""

    def __init__(self, song: Samples, least_bleed_db: float = LEAST_BLEED_DB) -> None:
        self._place = SongPlace(song)
        self._least_bleed_db = least_bleed_db
        self._learner = Learner(self._place)
        self._suppressor = Suppressor()
        self._raw, self._measured = Tape(np.float32), Tape(np.bool_)
        self._taken, self._finished = 0, 0  # blocks that were learned from; segments
        self._out: list[Samples] = []
        self._given = 0  # samples
        self._as_it_came, self._voice, self._remains = Levels(), Levels(), Levels(REMAINS_FADE)
        self._remains.add(FIRST_REMAINS_DB, FIRST_BLOCKS)
        self._recent = deque[tuple[float, float]](maxlen=RECENT_SEGMENTS)  # power of the prediction, what it explains
        self._is_on = False
        self.is_stale = False  # an anchor came too late for its sound: the whole take at once gives something else
        self._cancelled, self._predicted_power = 0, 0.0

    @property
    def taken(self) -> int:
        """Samples that came."""
        return self._raw.end

    @property
    def delay_s(self) -> float | None:
        """From the song as its anchors have it to the microphone; None: it was not found."""
        delay = self._learner.delay
        return delay / SAMPLE_RATE_HZ if delay is not None else None

    def push(self, samples: Samples, measured: Flags, clock: SongClock, is_over: bool) -> tuple[Samples, Flags]:
        """The next samples of the voice: all but the last LOOK_AHEAD segments and a second, at the end all of them."""
        self._raw.add(samples)
        self._measured.add(measured)
        self._know_lines(lines_of(clock.anchors))
        spare = 0 if is_over else CLOCK_BLOCKS
        while (self._taken + 1 + spare) * BLOCK_SAMPLES <= self._raw.end:
            self._take_block()
        if is_over:
            self._finish_all()
        return self._give()

    def _know_lines(self, lines: tuple[Line, ...]) -> None:
        used = self._taken * BLOCK_SAMPLES - EARLIEST
        known, now = ([line for line in each if line.first < used] for each in (self._place.lines, lines))
        self.is_stale = self.is_stale or (self._taken > 0 and known != now)
        self._place.lines = lines

    def found(self) -> BleedFound:
        """To be asked when the take is over."""
        is_heard = self._learner.is_found and self._predicted_power > 0
        power = self._predicted_power / max(1, self._cancelled or self._finished)
        bleed_db = decibels(power) - self._voice.loud_db() if is_heard else None
        left_db = bleed_db + min(0.0, self._remains.quantile(REST_QUANTILE)) if bleed_db is not None else None
        return BleedFound(self._cancelled, self._finished, bleed_db, left_db if self._cancelled else bleed_db)

    def _take_block(self) -> None:
        first = self._taken * BLOCK_SAMPLES
        block = self._raw.cut(first, first + BLOCK_SAMPLES).astype(np.float64)
        is_measured = bool(self._measured.cut(first, first + BLOCK_SAMPLES).all())
        self._learner.hear(block, is_measured)
        self._learner.learn()
        if is_measured:
            self._as_it_came.add(block_db(block))
        self._taken += 1
        if self._taken % SEGMENT_BLOCKS == 0 and self._taken // SEGMENT_BLOCKS > LOOK_AHEAD:
            self._finish(SEGMENT_BLOCKS)

    def _finish_all(self) -> None:
        whole = -(-self._raw.end // BLOCK_SAMPLES)
        if whole > self._taken:
            self._take_block()  # what is missing of it are zeros that were not measured
        while self._finished * SEGMENT_BLOCKS < whole:
            self._finish(min(SEGMENT_BLOCKS, whole - self._finished * SEGMENT_BLOCKS))
        for _ in range(DELAY_BLOCKS):
            self._tell(self._suppressor.push(np.zeros(BLOCK_SAMPLES), np.zeros(BLOCK_SAMPLES)))

    def _finish(self, blocks: int) -> None:
        """The oldest segment that is not finished, of so many blocks."""
        first = self._finished * SEGMENT_SAMPLES
        end = first + blocks * BLOCK_SAMPLES
        raw, measured = self._raw.cut(first, end).astype(np.float64), self._measured.cut(first, end)
        best = self._best(first, blocks)
        self._is_on = self._is_heard(best)
        predicted = np.where(measured, best.predicted, 0.0) if self._is_on else np.zeros(len(raw))
        self._count(raw, predicted, best)
        for start in range(0, len(raw), BLOCK_SAMPLES):
            block = slice(start, start + BLOCK_SAMPLES)
            self._tell(self._suppressor.push(raw[block] - predicted[block], predicted[block]))
        self._finished += 1
        self._learner.forget(self._finished + CANDIDATES[0])
        self._raw.forget_before(first - 2 * SEGMENT_SAMPLES)
        self._measured.forget_before(min(self._given, first))

    def _best(self, first: int, blocks: int) -> _Best:
        responses = [self._learner.response(self._finished + ahead) for ahead in CANDIDATES]
        known = list({id(response): response for response in responses if response is not None}.values())
        silence = np.zeros(blocks * BLOCK_SAMPLES)
        if not known:
            return _Best(silence, 0.0)
        begin, count = first - AROUND_BLOCKS * BLOCK_SAMPLES, (blocks + 2 * AROUND_BLOCKS) * BLOCK_SAMPLES
        raw = self._raw.cut(begin, begin + count).astype(np.float64)
        predictions = np.stack([np.zeros(count), *(self._predicted(begin, count, response) for response in known)])
        spectra = np.stack([_log_spectrum(raw - predicted) for predicted in predictions])
        best = np.argmin(spectra, axis=0)
        inside = slice(AROUND_BLOCKS, AROUND_BLOCKS + blocks)
        by_block = predictions.reshape(len(predictions), -1, BLOCK_SAMPLES)[:, inside]
        predicted = by_block[best[inside], np.arange(blocks)].reshape(-1)
        return _Best(predicted, float(np.mean((spectra[0] - spectra.min(axis=0))[inside])))

    def _predicted(self, first: int, count: int, response: Response) -> Block:
        song = self._place.cut(first - TAPS, count + TAPS, response.delay)
        spectrum = scipy.fft.rfft(song, 2 * SEGMENT_SAMPLES) * response.spectrum
        return np.asarray(scipy.fft.irfft(spectrum)[TAPS : TAPS + count])

    def _is_heard(self, best: _Best) -> bool:
        """Whether enough of the backing is in this segment and the last ones; a little less is enough to go on."""
        self._recent.append((float(np.mean(best.predicted**2)), best.explained))
        power, explained = np.mean(self._recent, axis=0)
        patience = 0.5 if self._is_on else 1.0
        level_db = decibels(float(power))
        least_db = max(self._as_it_came.loud_db() + self._least_bleed_db, LEAST_LEVEL_DB) + decibels(patience)
        return level_db >= least_db and float(explained) >= BETTER * patience

    def _count(self, raw: Block, predicted: Block, best: _Best) -> None:
        self._remains.forget()
        for start in range(0, len(raw), BLOCK_SAMPLES):
            block = slice(start, start + BLOCK_SAMPLES)
            left_db, predicted_db = block_db(raw[block] - predicted[block]), block_db(predicted[block])
            self._voice.add(left_db)
            if predicted_db > LEAST_LEVEL_DB:
                self._remains.add(left_db - predicted_db)
        if self._is_on and not self._cancelled:
            self._predicted_power = 0.0
        if self._is_on or not self._cancelled:
            self._predicted_power += float(np.mean(best.predicted**2))
        self._cancelled += self._is_on

    def _tell(self, block: Block | None) -> None:
        if block is not None:
            self._out.append(block.astype(np.float32))

    def _give(self) -> tuple[Samples, Flags]:
        """What is whole and was not given; what was not measured as it came."""
        samples = np.concatenate([np.zeros(0, np.float32), *self._out])
        self._out = []
        end = min(self._given + len(samples), self._raw.end)
        samples = samples[: end - self._given]
        raw, measured = self._raw.cut(self._given, end), self._measured.cut(self._given, end)
        self._given = end
        return np.where(measured, samples, raw), measured


def _log_spectrum(sound: Block) -> NDArray[np.float64]:
    """Mean logarithm of each block's spectrum, over STEADY_BLOCKS to either side."""
    wide = np.pad(sound, BLOCK_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(wide, 2 * BLOCK_SAMPLES)[::BLOCK_SAMPLES]
    power = power_of(scipy.fft.rfft(frames * WINDOW, axis=1)) + FLOOR
    means = np.log(power[:, LOWEST_BIN:]).mean(axis=1)
    return np.convolve(np.pad(means, STEADY_BLOCKS, mode="edge"), STEADY, "valid")


WINDOW = np.hanning(2 * BLOCK_SAMPLES)
STEADY = np.ones(2 * STEADY_BLOCKS + 1) / (2 * STEADY_BLOCKS + 1)
LOWEST_BIN = 4
