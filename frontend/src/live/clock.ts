/**
 * The song's clock. AudioContext.currentTime advances in steps of a render quantum or more, performance.now() is smooth:
 * the upper envelope of their difference over a second maps one onto the other without steps.
 */

export interface AudioClock {
  readonly currentTime: number;
  readonly outputLatency?: number;
  readonly baseLatency?: number;
}

const WINDOW_MS = 1_000;
const CAPACITY = 256;
const MAX_SLEW_S_PER_S = 0.005; // 5 ms a second follows any real drift and stays below 1 ms per reading
const REAL_MOVE_S = 0.02; // beyond this the audio clock itself stopped or jumped

/** Smooth audio time from readings of (currentTime, performance.now()). No allocation per reading. */
export class Envelope {
  private readonly offsets = new Float64Array(CAPACITY);
  private readonly times = new Float64Array(CAPACITY).fill(Number.NEGATIVE_INFINITY);
  private next = 0;
  private offsetS = 0;
  private firstMs = Number.NaN;
  private lastMs = 0;

  read(audioS: number, nowMs: number): void {
    this.offsets[this.next] = audioS - nowMs / 1000;
    this.times[this.next] = nowMs;
    this.next = (this.next + 1) % CAPACITY;
    const target = this.upper(nowMs);
    const behind = target - this.offsetS;
    if (Number.isNaN(this.firstMs)) this.firstMs = nowMs;
    const warmingUp = nowMs - this.firstMs < WINDOW_MS;
    if (warmingUp || Math.abs(behind) > REAL_MOVE_S) {
      this.offsetS = target;
    } else {
      const limit = Math.max(0.0001, (MAX_SLEW_S_PER_S * (nowMs - this.lastMs)) / 1000);
      this.offsetS += Math.max(-limit, Math.min(limit, behind));
    }
    this.lastMs = nowMs;
  }

  /** Audio time in seconds at a moment of performance.now(). */
  audioS(nowMs: number): number {
    return nowMs / 1000 + this.offsetS;
  }

  private upper(nowMs: number): number {
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < CAPACITY; i++) {
      const age = nowMs - (this.times[i] as number);
      if (age <= WINDOW_MS && (this.offsets[i] as number) > highest) highest = this.offsets[i] as number;
    }
    return highest;
  }
}

/** What the browser tells of the way from the context to the ear, in seconds. */
export function outputLatencyS(audio: AudioClock): number {
  return audio.outputLatency || audio.baseLatency || 0;
}

/** Song seconds as the singer hears them; negative during the count-in. */
export class SongClock {
  private readonly envelope = new Envelope();
  private startAtS: number | null = null; // audio time of song second 0
  private frozenS = 0;
  private latencyS: number;

  constructor(private readonly audio: AudioClock) {
    this.latencyS = outputLatencyS(audio);
  }

  /** Call often: each reading makes the mapping better. */
  read(nowMs: number): void {
    this.envelope.read(this.audio.currentTime, nowMs);
    // The browser's estimate trembles by a few milliseconds; only a new route is a real change.
    const latencyS = outputLatencyS(this.audio);
    if (Math.abs(latencyS - this.latencyS) > REAL_MOVE_S) this.latencyS = latencyS;
  }

  get playing(): boolean {
    return this.startAtS !== null;
  }

  /** Audio time at which song second 0 is heard; null while the song stands still. */
  get zeroAtS(): number | null {
    return this.startAtS === null ? null : this.startAtS + this.latencyS;
  }

  get outputLatencyS(): number {
    return this.latencyS;
  }

  start(startAtS: number): void {
    this.latencyS = outputLatencyS(this.audio);
    this.startAtS = startAtS;
  }

  stop(nowMs: number): void {
    this.frozenS = this.songS(nowMs);
    this.startAtS = null;
  }

  songS(nowMs: number): number {
    if (this.startAtS === null) return this.frozenS;
    return this.envelope.audioS(nowMs) - this.startAtS - this.latencyS;
  }

  /** The moment of performance.now() at which a song second is heard. */
  heardAtMs(songS: number, nowMs: number): number {
    return nowMs + (songS - this.songS(nowMs)) * 1000;
  }
}
