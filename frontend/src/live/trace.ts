/** The voice as the judge heard it: the newest points in typed arrays, read by the canvas. */

import type { PitchPoint } from "../gen/voicejury/v1/live_pb";
import { foldToOctave, midiOf, type LaneNote, type Melody } from "./melody";

export const CAPACITY = 4_096; // a power of two; about 80 s at 50 points a second

export class Trace {
  readonly seq = new Float64Array(CAPACITY).fill(-1);
  readonly songS = new Float64Array(CAPACITY);
  readonly f0Hz = new Float32Array(CAPACITY);
  readonly midi = new Float32Array(CAPACITY); // folded to the written octave; 0 = unvoiced
  readonly levelDb = new Float32Array(CAPACITY);
  readonly hit = new Uint8Array(CAPACITY);
  readonly concealed = new Uint8Array(CAPACITY);
  readonly epochMs = new Float64Array(CAPACITY);
  newest = -1; // highest seq seen
  received = 0; // distinct points
  drawn = 0; // distinct points that reached the canvas
  private readonly drawnSeq = new Float64Array(CAPACITY).fill(-1);

  constructor(private readonly melody: Melody) {}

  /** Takes a point once; repeats and points older than the ring are dropped. */
  push(point: PitchPoint, epochMs: number): boolean {
    const seq = Number(point.seq);
    const slot = seq % CAPACITY;
    if (seq <= this.newest - CAPACITY || (this.seq[slot] as number) >= seq) return false;
    this.seq[slot] = seq;
    this.songS[slot] = point.songS ?? Number.NaN;
    this.f0Hz[slot] = point.f0Hz;
    this.midi[slot] = this.folded(point);
    this.levelDb[slot] = point.levelDb;
    this.hit[slot] = point.hit;
    this.concealed[slot] = point.concealed ? 1 : 0;
    this.epochMs[slot] = epochMs;
    if (seq > this.newest) this.newest = seq;
    this.received += 1;
    return true;
  }

  /** The slot of a seq, or -1 when that point never came or has left the ring. */
  slotOf(seq: number): number {
    if (seq < 0) return -1;
    const slot = seq % CAPACITY;
    return this.seq[slot] === seq ? slot : -1;
  }

  markDrawn(slot: number): void {
    const seq = this.seq[slot] as number;
    if (this.drawnSeq[slot] === seq) return;
    this.drawnSeq[slot] = seq;
    this.drawn += 1;
  }

  private folded(point: PitchPoint): number {
    if (point.f0Hz <= 0) return 0;
    const sung = midiOf(point.f0Hz);
    const nearest = point.songS === undefined ? -1 : this.melody.nearestNote(point.songS);
    return nearest < 0 ? sung : foldToOctave(sung, (this.melody.notes[nearest] as LaneNote).midi);
  }
}
