"""A microphone made of WebAudio: what it plays at which moment is known to the millisecond."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SWEEPS = 40


@dataclass(frozen=True, slots=True)
class Sweep:
    """Glides between two pitches at an even number of cents a second, again and again."""

    low_hz: float
    high_hz: float
    period_s: float  # of one glide
    there_and_back: bool  # every second glide falls

    @property
    def cents(self) -> float:
        return 1200 * math.log2(self.high_hz / self.low_hz)

    def cents_at(self, since_s: Floats) -> Floats:
        """Above low_hz, so long after the first glide began."""
        glide, place = np.divmod(since_s, self.period_s)
        share = place / self.period_s
        falls = self.there_and_back & (glide % 2 == 1)
        return np.asarray(self.cents * np.where(falls, 1 - share, share))

    def edge_s(self, since_s: Floats) -> Floats:
        """Distance in time to the nearest end of a glide."""
        place = np.mod(since_s, self.period_s)
        return np.asarray(np.minimum(place, self.period_s - place))

    def init_script(self) -> str:
        """Puts the sweep in the microphone's place; window.__sweepStartEpochMs is its first moment.

        The audio clock moves in steps: the earliest moment at which a sample can have existed is the upper envelope
        of audio time minus wall time.
        """
        settings = f"{self.low_hz}, {self.high_hz}, {self.period_s}, {str(self.there_and_back).lower()}"
        return SCRIPT.replace("SETTINGS", settings).replace("SWEEPS", str(SWEEPS))


SCRIPT = """
(() => {
  const [low, high, period, back] = [SETTINGS];
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ latencyHint: 'interactive' });
    await context.resume();
    const tone = new OscillatorNode(context, { type: 'sawtooth', frequency: low });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    tone.connect(new BiquadFilterNode(context, { type: 'lowpass', frequency: 1500 }))
        .connect(new GainNode(context, { gain: 0.3 })).connect(out);
    const first = context.currentTime + 0.5;
    let value = low;
    tone.frequency.setValueAtTime(low, first);
    for (let i = 0; i < SWEEPS; i++) {
      const at = first + i * period;
      if (!back && i) tone.frequency.setValueAtTime(value = low, at);
      value = back && i % 2 ? low : high;
      tone.frequency.exponentialRampToValueAtTime(value, at + period);
    }
    tone.start();
    let offset = -Infinity;
    setInterval(() => {
      const now = performance.now() / 1000;
      offset = Math.max(offset, context.currentTime - now);
      window.__sweepStartEpochMs = performance.timeOrigin + (first - offset) * 1000;
    }, 5);
    return out.stream;
  };
})();
"""
