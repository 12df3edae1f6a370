/**
 * Any sample rate to 16 kHz: a windowed sinc (Kaiser), flat to 6.9 kHz, 80 dB down at 8.6 kHz. Output sample k stands at
 * input position k * step exactly; it comes half a filter later. Nothing is allocated while it runs.
 */

export const OUT_RATE_HZ = 16_000;
const CROSSINGS = 32; // of the sinc on either side
const PER_CROSSING = 256; // table entries; between them linear, which stays below -90 dB
const CUTOFF = 0.485; // of the lower rate
const KAISER_BETA = 8;
const RING = 4_096; // input samples, a power of two
const LONGEST_FILTER = 1_024; // samples, so that a block of that size fits beside it: up to 250 kHz

/** Modified Bessel function of order 0, by its series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function halfKernel(): Float32Array {
  const table = new Float32Array(CROSSINGS * PER_CROSSING + 2);
  for (let i = 0; i <= CROSSINGS * PER_CROSSING; i++) {
    const x = i / PER_CROSSING;
    const sinc = x === 0 ? 1 : Math.sin(2 * Math.PI * CUTOFF * x) / (2 * Math.PI * CUTOFF * x);
    const edge = 1 - (x / CROSSINGS) ** 2;
    table[i] = (2 * CUTOFF * sinc * bessel0(KAISER_BETA * Math.sqrt(Math.max(0, edge)))) / bessel0(KAISER_BETA);
  }
  return table;
}

export class Decimator {
  readonly step: number; // input samples for each output sample
  private readonly table = halfKernel();
  private readonly ring = new Float32Array(RING);
  private readonly scale: number; // input samples to crossings
  private readonly half: number; // input samples
  private written = 0;
  private made = 0;

  constructor(inRateHz: number) {
    this.step = inRateHz / OUT_RATE_HZ;
    this.scale = 1 / Math.max(1, this.step);
    this.half = Math.ceil(CROSSINGS / this.scale);
    if (2 * this.half > LONGEST_FILTER * 2) throw new RangeError(`a sample rate of ${inRateHz} Hz`);
  }

  /** Begins anew: the next input sample is position 0. */
  reset(): void {
    this.ring.fill(0);
    this.written = 0;
    this.made = 0;
  }

  /** How many output samples were made since the beginning. */
  get position(): number {
    return this.made;
  }

  push(block: Float32Array): void {
    for (let i = 0; i < block.length; i++) this.ring[this.written++ & (RING - 1)] = block[i] as number;
  }

  /** Writes what is ready into `out` from `at` on, as far as it has room; returns where it ended. */
  take(out: Int16Array, at: number): number {
    while (at < out.length && this.made * this.step + this.half < this.written) {
      const sample = this.at(this.made++ * this.step) * 32_768;
      out[at++] = Math.max(-32_768, Math.min(32_767, Math.round(sample)));
    }
    return at;
  }

  private at(position: number): number {
    const first = Math.max(0, Math.ceil(position - this.half));
    const last = Math.floor(position + this.half);
    let sum = 0;
    for (let n = first; n <= last; n++) {
      const place = Math.abs(n - position) * this.scale * PER_CROSSING;
      const index = Math.floor(place);
      if (index >= CROSSINGS * PER_CROSSING) continue;
      const left = this.table[index] as number;
      const weight = left + (place - index) * ((this.table[index + 1] as number) - left);
      sum += weight * (this.ring[n & (RING - 1)] as number);
    }
    return sum * this.scale;
  }
}
