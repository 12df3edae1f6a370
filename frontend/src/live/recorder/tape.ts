/** The microphone as chunks of a second, each stamped with the second of the song that its first sample was sung at. */

import { Decimator, OUT_RATE_HZ } from "./decimator";

export interface Chunk {
  readonly songS: number; // of the first sample, by the clock of the song
  readonly pcm: Int16Array<ArrayBuffer>; // 16 kHz mono
  readonly microphone: number; // counts them: each is late in its own way
}

/** Where the song stands on the audio clock. */
export interface Cue {
  readonly zeroAtS: number; // audio time at which song second 0 is heard
  readonly fromSongS: number; // what comes before belongs to no song: a count-in
}

const CHUNK_SAMPLES = OUT_RATE_HZ;

/** Runs in the audio worklet; one `block` for each render quantum. */
export class Tape {
  private readonly decimator: Decimator;
  private chunk = new Int16Array(CHUNK_SAMPLES);
  private filled = 0;
  private chunkSongS = 0;
  private cue: Cue | null = null;
  private microphone = 0;
  private baseFrame = 0; // of the decimator's first input sample
  private nextFrame = -1; // -1: no run has begun

  constructor(
    private readonly rateHz: number,
    private readonly keep: (chunk: Chunk) => void,
  ) {
    this.decimator = new Decimator(rateHz);
  }

  /** The song starts, moves or, with null, stops. */
  follow(cue: Cue | null): void {
    this.flush();
    this.cue = cue;
  }

  /** What comes from now on was heard by another microphone. */
  change(): void {
    this.flush();
    this.microphone += 1;
  }

  /** `frame` is the audio clock at the block's first sample; null where the microphone gives nothing. */
  block(block: Float32Array | null, frame: number): void {
    if (!block || !this.cue || frame / this.rateHz - this.cue.zeroAtS < this.cue.fromSongS) return this.flush();
    if (frame !== this.nextFrame) this.begin(frame);
    this.nextFrame = frame + block.length;
    this.decimator.push(block);
    this.collect();
  }

  /** Hands on what is there; the next block begins a new run. */
  flush(): void {
    if (this.filled > 0) this.hand();
    this.nextFrame = -1;
  }

  private begin(frame: number): void {
    this.flush();
    this.decimator.reset();
    this.baseFrame = frame;
  }

  private collect(): void {
    for (;;) {
      if (this.filled === 0) this.chunkSongS = this.songS(this.decimator.position);
      this.filled = this.decimator.take(this.chunk, this.filled);
      if (this.filled < CHUNK_SAMPLES) return;
      this.hand();
    }
  }

  private songS(position: number): number {
    return (this.baseFrame + position * this.decimator.step) / this.rateHz - (this.cue?.zeroAtS ?? 0);
  }

  private hand(): void {
    const pcm = this.filled === CHUNK_SAMPLES ? this.chunk : this.chunk.slice(0, this.filled);
    this.keep({ songS: this.chunkSongS, pcm, microphone: this.microphone });
    this.chunk = new Int16Array(CHUNK_SAMPLES);
    this.filled = 0;
  }
}
