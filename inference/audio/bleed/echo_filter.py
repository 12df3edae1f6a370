"""What the microphone hears of the backing: a partitioned frequency-domain Kalman filter.

After Enzner and Vary (Signal Processing 86, 2006) and Kuech et al. (ICASSP 2014), with the whole covariance of the
partitions of a bin. The singer is its observation noise: bins and moments in which the voice is loud teach it little,
so it learns on while both sound. When the room changes, the error turns against the prediction; then it doubts what it
knew.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numba import njit
from numpy.typing import NDArray

BLOCK_SAMPLES = 512  # 32 ms
PARTITIONS = 8
TAPS = BLOCK_SAMPLES * PARTITIONS  # 256 ms: a living room falls by 40 dB
BINS = BLOCK_SAMPLES + 1
LOWEST_BIN = 4  # 60 Hz
DECAY_S = 0.35  # by 60 dB, of the responses that are thought likely before anything was heard
KEEP = 0.9995  # of the response, from block to block: half of it is another one after 20 s
LEAST_DRIFT = 1e-3  # of the likely response, beside the part of the known one
VOICE_MEMORY = 0.5  # of the voice's power from block to block
VOICE_LEAST = 0.5  # of what is heard now
VOICE_WEIGHT = 2.0  # zeros fill half of each transform of the error
FLOOR = 4e-8  # power per bin under which nothing is learned: what rounding to 16 bits leaves in a block
ROOM_MEMORY_BLOCKS = 16.0
ROOM_CHANGED = -0.4  # share of the prediction that stands in the error with the other sign
ROOM_CERTAIN = -0.1  # that share with three standard errors
ROOM_HOLD_BLOCKS = 16

Block = NDArray[np.float64]
Bins = NDArray[np.complex128]
Powers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What one block taught."""

    heard: float  # power of the block as it came
    left: float  # power of what the filter as it was before does not explain
    predicted: float
    room_changed: bool


class EchoFilter:
    """Learns block after block. Spectra are of two blocks each, the second of which is the present one."""

    def __init__(self, likely_gain: float) -> None:
        """`likely_gain`: energy of the response, in power of the microphone's samples over the backing's."""
        shares = 10 ** (-6 * np.arange(PARTITIONS) * BLOCK_SAMPLES / 16_000 / DECAY_S)
        self._likely: Powers = likely_gain * shares / shares.sum()
        self._weights: Bins = np.zeros((PARTITIONS, BINS), np.complex128)
        self._doubt: Bins = np.zeros((BINS, PARTITIONS, PARTITIONS), np.complex128)
        self._add_doubt(self._likely[:, None])
        self._backing: Bins = np.zeros((PARTITIONS, BINS), np.complex128)
        self._voice: Powers | None = None
        self._agreement, self._weight, self._hold = 0.0, 0.0, ROOM_HOLD_BLOCKS

    @property
    def response(self) -> NDArray[np.float64]:
        """Shape (TAPS,)."""
        return np.asarray(scipy.fft.irfft(self._weights, axis=1)[:, :BLOCK_SAMPLES].reshape(-1))

    def hear_backing(self, spectrum: Bins) -> Block:
        """Takes the backing's next two blocks in; the prediction for the second of them."""
        self._backing = np.concatenate([spectrum[None], self._backing[:-1]])
        return np.asarray(scipy.fft.irfft((self._backing * self._weights).sum(axis=0))[BLOCK_SAMPLES:])

    def learn(self, heard: Block, predicted: Block) -> Learned:
        """From the block for which `predicted` is what `hear_backing` said."""
        left = heard - predicted
        error, echo = _spectrum(left), _spectrum(predicted)
        power = smooth(power_of(error))
        before = power if self._voice is None else self._voice
        changed = self._has_room_changed(error, echo, power)
        if changed:
            self._doubt_room()
        self._voice, step = _learn(self._doubt, np.ascontiguousarray(self._backing.T), error, power, before)
        self._weights += _within_blocks(step)
        self._add_doubt((1 - KEEP**2) * (power_of(self._weights) + LEAST_DRIFT * self._likely[:, None]), KEEP**2)
        return Learned(float(heard @ heard), float(left @ left), float(predicted @ predicted), changed)

    def _has_room_changed(self, error: Bins, echo: Bins, power: Powers) -> bool:
        """The prediction's own sound stands in the error, negative: what is taken off is not there any more."""
        weight = 1.0 / (power + power_of(echo) + FLOOR)
        fade = float(np.exp(-1.0 / ROOM_MEMORY_BLOCKS))
        self._agreement = fade * self._agreement + float(((error * echo.conj()).real * weight)[LOWEST_BIN:].sum())
        self._weight = fade * self._weight + float((power_of(echo) * weight)[LOWEST_BIN:].sum())
        self._hold -= 1
        if self._hold > 0 or self._weight <= 1.0:
            return False
        share = self._agreement / self._weight
        return share < ROOM_CHANGED and share + 3 / np.sqrt(self._weight) < ROOM_CERTAIN

    def _doubt_room(self) -> None:
        energy = power_of(self._weights).mean(axis=1)
        share = min(1.0, -self._agreement / self._weight)
        likely = np.maximum(energy.sum() * self._likely / self._likely.sum(), energy)
        self._add_doubt(2 * share * likely[:, None])
        self._agreement, self._weight, self._hold = 0.0, 0.0, ROOM_HOLD_BLOCKS

    def _add_doubt(self, added: Powers, keep: float = 1.0) -> None:
        """`added`: shape (PARTITIONS, BINS or 1)."""
        if keep != 1.0:
            self._doubt *= keep
        places = np.arange(PARTITIONS)
        self._doubt[:, places, places] += added.T


def compile_filter() -> None:
    """So that no singer waits for the compiler."""
    room = EchoFilter(1.0)
    room.learn(np.zeros(BLOCK_SAMPLES), room.hear_backing(np.zeros(BINS, np.complex128)))


def spectrum_of(two_blocks: Block) -> Bins:
    return np.asarray(scipy.fft.rfft(two_blocks))


def _spectrum(block: Block) -> Bins:
    """Behind a block of zeros, as overlap-save has it."""
    return np.asarray(scipy.fft.rfft(np.concatenate([np.zeros(BLOCK_SAMPLES), block])))


def power_of(bins: Bins) -> Powers:
    return np.asarray(bins.real**2 + bins.imag**2)


def smooth(power: Powers) -> Powers:
    """Over three bins."""
    wide = np.concatenate([power[:1], power, power[-1:]])
    return np.asarray(0.25 * wide[:-2] + 0.5 * power + 0.25 * wide[2:])


def _within_blocks(step: Bins) -> Bins:
    """Each partition's response inside its own block."""
    taps = scipy.fft.irfft(step, axis=1)
    taps[:, BLOCK_SAMPLES:] = 0.0
    return np.asarray(scipy.fft.rfft(taps, axis=1))


@njit(cache=True)
def _learn(doubt, backing, error, power, voice_before):  # type: ignore[no-untyped-def]  # compiled
    """One Kalman step for each bin; `doubt` is changed in place. Returns the voice's power and the step of the weights.

    The voice's power is what is left of the error when the step is done: a first step with the error itself tells it.
    """
    bins, partitions = backing.shape
    voice = np.empty(bins)
    step = np.empty((partitions, bins), np.complex128)
    gain = np.empty(partitions, np.complex128)
    for f in range(bins):
        uncertain = 0.0
        for p in range(partitions):
            total = 0j
            for q in range(partitions):
                total += doubt[f, p, q] * np.conj(backing[f, q])
            gain[p] = total
            uncertain += (backing[f, p] * total).real
        now = power[f]
        for _ in range(2):
            voice[f] = max(VOICE_MEMORY * voice_before[f] + (1 - VOICE_MEMORY) * now, VOICE_LEAST * now)
            noise = VOICE_WEIGHT * voice[f] + FLOOR
            now = power[f] * (noise / (uncertain + noise)) ** 2
        scale = 1.0 / (uncertain + noise)
        for p in range(partitions):
            step[p, f] = gain[p] * scale * error[f]
        for p in range(partitions):
            for q in range(partitions):
                doubt[f, p, q] -= 0.5 * scale * gain[p] * np.conj(gain[q])
    return voice, step
