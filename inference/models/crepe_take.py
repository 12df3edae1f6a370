"""CREPE over a whole take: its activations decoded as one path, block by block, so that memory is bounded."""

import numpy as np

from inference.models.crepe import BINS, decode_round
from inference.models.estimator import (
    WINDOW_SAMPLES,
    ActivationEstimator,
    Flags,
    Floats32,
    FramePitches,
    PitchEstimator,
    Samples,
)
from inference.models.growing import Arrays, Known, Sound, are_there, as_windows, digest, windows_in
from inference.models.viterbi import PathDecoder, PathRules

BLOCK_FRAMES = 256  # 1 MB of windows, one call of the network; a progress report every 2.5 s of sound
PATH_RULES = PathRules()


def next_block(done: int, known_frames: int, sound: Sound, hop_samples: int) -> slice | None:
    """The next frames that can be looked at: a whole block, or what is left of a sound that is over."""
    stop = min(done + BLOCK_FRAMES, known_frames)
    is_whole = stop == done + BLOCK_FRAMES and are_there(sound, stop, hop_samples)
    return slice(done, stop) if is_whole or (sound.is_over and stop > done) else None


class PathLane:
    """The likeliest path; frames that are not wanted say nothing about it."""

    def __init__(self, crepe: ActivationEstimator, hop_samples: int, known: Known | None = None) -> None:
        self._crepe = crepe
        self._hop_samples = hop_samples
        self._known = known
        self._decoder = PathDecoder(BINS, PATH_RULES)
        self._open_rows: Floats32 = np.zeros((0, BINS), np.float32)
        self._state_key = b"the first frame"
        self._skipped: list[tuple[Samples, Flags]] = []  # blocks that were known, since the decoder's state
        self._parts: list[FramePitches] = []
        self._frames = 0

    @property
    def needed_from(self) -> int:
        return self._frames * self._hop_samples - WINDOW_SAMPLES // 2

    def advance(self, sound: Sound, wanted: Flags) -> None:
        while (block := next_block(self._frames, len(wanted), sound, self._hop_samples)) is not None:
            under = windows_in(sound, block, self._hop_samples)
            self._parts.append(self._block(under, wanted[block]))
            self._frames = block.stop

    def finish(self, wanted: Flags) -> FramePitches:
        self._catch_up()
        self._parts.append(decode_round(self._open_rows, self._decoder.finish(), self._crepe.bin_cents))
        f0_hz = np.concatenate([part.f0_hz for part in self._parts])
        periodicity = np.concatenate([part.periodicity for part in self._parts])
        return FramePitches(np.where(wanted, f0_hz, 0), np.where(wanted, periodicity, 0))

    def _block(self, under: Samples, wanted: Flags) -> FramePitches:
        """The frames that are decided with this block."""
        if self._known is None:
            return self._decided(under, wanted)
        key = digest(b"path", self._state_key, under, wanted)
        found = self._known.find(key)
        if found is not None:
            self._skip(under, wanted, found)
            return FramePitches(np.asarray(found[0], np.float32), np.asarray(found[1], np.float32))
        self._catch_up()
        decided = self._decided(under, wanted)
        self._state_key = digest(*self._state)
        self._known.keep(key, (decided.f0_hz, decided.periodicity, np.frombuffer(self._state_key, np.uint8)))
        self._known.keep_state(self._state_key, self._state)
        return decided

    def _decided(self, under: Samples, wanted: Flags) -> FramePitches:
        rows = np.zeros((len(wanted), BINS), np.float32)
        if wanted.any():
            rows[wanted] = self._crepe.activations(as_windows(under, self._hop_samples)[wanted])
        self._open_rows = np.concatenate([self._open_rows, rows])
        path = self._decoder.push(rows)
        decided = decode_round(self._open_rows[: len(path)], path, self._crepe.bin_cents)
        self._open_rows = self._open_rows[len(path) :]
        return decided

    def _skip(self, under: Samples, wanted: Flags, found: Arrays) -> None:
        self._state_key = found[2].tobytes()
        state = self._known.find_state(self._state_key) if self._known else None
        if state is None:
            self._skipped.append((under, wanted))
        else:
            self._decoder = PathDecoder.again(PATH_RULES, state[:-1])
            self._open_rows = np.asarray(state[-1], np.float32)
            self._skipped.clear()

    def _catch_up(self) -> None:
        """Decodes the blocks since the last state that is known, for the state that they leave."""
        for under, wanted in self._skipped:
            self._decided(under, wanted)
        self._skipped.clear()

    @property
    def _state(self) -> Arrays:
        return (*self._decoder.state, self._open_rows)


class WindowLane:
    """Window by window, for an estimator that can no more."""

    def __init__(self, estimator: PitchEstimator, hop_samples: int) -> None:
        self._estimator = estimator
        self._hop_samples = hop_samples
        self._parts: list[FramePitches] = []
        self._frames = 0

    @property
    def needed_from(self) -> int:
        return self._frames * self._hop_samples - WINDOW_SAMPLES // 2

    def advance(self, sound: Sound, wanted: Flags) -> None:
        while (block := next_block(self._frames, len(wanted), sound, self._hop_samples)) is not None:
            f0_hz, periodicity = np.zeros((2, block.stop - block.start), np.float32)
            if wanted[block].any():
                windows = as_windows(windows_in(sound, block, self._hop_samples), self._hop_samples)
                found = self._estimator.estimate(windows[wanted[block]])
                f0_hz[wanted[block]], periodicity[wanted[block]] = found.f0_hz, found.periodicity
            self._parts.append(FramePitches(f0_hz, periodicity))
            self._frames = block.stop

    def finish(self, wanted: Flags) -> FramePitches:
        nothing = np.zeros(0, np.float32)
        f0_hz = np.concatenate([nothing, *(part.f0_hz for part in self._parts)])
        return FramePitches(f0_hz, np.concatenate([nothing, *(part.periodicity for part in self._parts)]))
