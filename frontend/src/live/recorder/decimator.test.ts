import { describe, expect, it } from "vitest";

import { Decimator, OUT_RATE_HZ } from "./decimator";

const BLOCK = 128;

function tone(hz: number, rateHz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rateHz));
}

function decimated(input: Float32Array, rateHz: number): Int16Array {
  const decimator = new Decimator(rateHz);
  const out = new Int16Array(Math.ceil((input.length / rateHz) * OUT_RATE_HZ));
  let filled = 0;
  for (let at = 0; at < input.length; at += BLOCK) {
    decimator.push(input.subarray(at, at + BLOCK));
    filled = decimator.take(out, filled);
  }
  return out.subarray(0, filled);
}

/** RMS of the middle in dB below a full sine of amplitude 0.5. */
function levelDb(samples: Int16Array): number {
  const middle = samples.subarray(800, samples.length - 800);
  const rms = Math.sqrt(middle.reduce((sum, value) => sum + (value / 32_768) ** 2, 0) / middle.length);
  return 20 * Math.log10(rms / (0.5 / Math.SQRT2) + 1e-12);
}

describe.each([48_000, 44_100, 96_000, 16_000, 8_000])("from %i Hz", (rateHz) => {
  it("puts each sample where it was sung, to a hundredth of a sample", () => {
    const hz = 440;
    const out = decimated(tone(hz, rateHz, 0.5), rateHz);
    let worst = 0;
    for (let k = 400; k < out.length - 400; k++) {
      const wanted = 0.5 * Math.sin((2 * Math.PI * hz * k) / OUT_RATE_HZ);
      worst = Math.max(worst, Math.abs((out[k] as number) / 32_768 - wanted));
    }
    expect(worst).toBeLessThan(0.001);
  });

  it("makes 16000 samples a second but for half a filter", () => {
    expect(OUT_RATE_HZ / 2 - decimated(tone(220, rateHz, 0.5), rateHz).length).toBeLessThan(80);
  });
});

describe("what 16 kHz cannot hold", () => {
  it.each([8_700, 9_500, 12_000, 15_900, 20_000])("is gone: %i Hz", (hz) => {
    expect(levelDb(decimated(tone(hz, 48_000, 0.4), 48_000))).toBeLessThan(-60);
    expect(levelDb(decimated(tone(hz, 44_100, 0.4), 44_100))).toBeLessThan(-60);
  });

  it.each([80, 1_000, 4_000, 6_900])("and the voice stays as it is: %i Hz", (hz) => {
    expect(Math.abs(levelDb(decimated(tone(hz, 48_000, 0.4), 48_000)))).toBeLessThan(0.1);
    expect(Math.abs(levelDb(decimated(tone(hz, 44_100, 0.4), 44_100)))).toBeLessThan(0.1);
  });
});
