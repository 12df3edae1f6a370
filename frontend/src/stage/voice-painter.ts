/**
 * Draws the voice as it was heard by the judge: in the note a solid line, almost a hollow one, beside it a thin one with
 * crosses. Thickness is loudness. Where nothing was received nothing is drawn but the gap itself.
 */

import { PointHit } from "../gen/voicejury/v1/live_pb";
import type { Trace } from "../live/trace";
import { laneX, laneY, voiceWidth, type LaneView } from "./geometry";
import { INK } from "./ink";

const JOIN_S = 0.13; // points further apart are not joined
const GAP_S = 0.5; // and a longer silence of the channel is a gap
const LATE_S = 1; // the newest point may be this late before the gap is shown at the playhead
const CROSS_S = 0.16; // between two crosses
const CONCEALED_ALPHA = 0.35;

const COLOURS: Record<PointHit, string> = {
  [PointHit.UNSPECIFIED]: INK.free,
  [PointHit.HIT]: INK.hit,
  [PointHit.NEAR]: INK.near,
  [PointHit.MISS]: INK.miss,
};

export class VoicePainter {
  private nowS = 0;

  constructor(
    private readonly view: LaneView,
    private readonly trace: Trace,
  ) {}

  draw(canvas: CanvasRenderingContext2D, nowS: number): void {
    this.nowS = nowS;
    canvas.lineCap = "round";
    this.gaps(canvas);
    this.lines(canvas, false);
    this.lines(canvas, true);
    canvas.globalAlpha = 1;
    this.head(canvas);
  }

  /** Walks from the newest point back to the left edge; `inner` hollows out the almost-right stretches. */
  private lines(canvas: CanvasRenderingContext2D, inner: boolean): void {
    const { trace } = this;
    const fromS = this.nowS - this.view.behindS - 0.2;
    let later = -1;
    for (let seq = trace.newest; seq > trace.newest - trace.seq.length; seq--) {
      const slot = trace.slotOf(seq);
      if (slot < 0) {
        if (seq < 0) return;
        continue;
      }
      const songS = trace.songS[slot] as number;
      if (songS < fromS) return;
      if (trace.midi[slot] === 0 || Number.isNaN(songS)) {
        later = -1;
        continue;
      }
      if (later >= 0 && (trace.songS[later] as number) - songS <= JOIN_S) this.segment(canvas, slot, later, inner);
      if (!inner) this.mark(canvas, slot);
      later = slot;
    }
  }

  private segment(canvas: CanvasRenderingContext2D, from: number, to: number, inner: boolean): void {
    const { trace } = this;
    const hit = trace.hit[to] as PointHit;
    if (inner && hit !== PointHit.NEAR) return;
    const width = voiceWidth(trace.levelDb[to] as number);
    canvas.globalAlpha = trace.concealed[to] ? CONCEALED_ALPHA : 1;
    canvas.strokeStyle = inner ? INK.night : COLOURS[hit];
    canvas.lineWidth = lineWidth(hit, width, inner);
    canvas.beginPath();
    canvas.moveTo(this.x(from), this.y(from));
    canvas.lineTo(this.x(to), this.y(to));
    canvas.stroke();
  }

  /** A cross on the missed stretches, at steady places of the song so that they do not dance. */
  private mark(canvas: CanvasRenderingContext2D, slot: number): void {
    const { trace } = this;
    trace.markDrawn(slot);
    if (trace.hit[slot] !== PointHit.MISS) return;
    const before = trace.slotOf((trace.seq[slot] as number) - 1);
    const songS = trace.songS[slot] as number;
    const step = Math.floor(songS / CROSS_S);
    if (before >= 0 && Math.floor((trace.songS[before] as number) / CROSS_S) === step) return;
    const x = this.x(slot);
    const y = this.y(slot);
    canvas.globalAlpha = trace.concealed[slot] ? CONCEALED_ALPHA : 1;
    canvas.strokeStyle = INK.miss;
    canvas.lineWidth = 2.5;
    canvas.beginPath();
    canvas.moveTo(x - 5, y - 5);
    canvas.lineTo(x + 5, y + 5);
    canvas.moveTo(x - 5, y + 5);
    canvas.lineTo(x + 5, y - 5);
    canvas.stroke();
  }

  /** The living end of the line. */
  private head(canvas: CanvasRenderingContext2D): void {
    const slot = this.trace.slotOf(this.trace.newest);
    if (slot < 0 || this.trace.midi[slot] === 0 || this.nowS - (this.trace.songS[slot] as number) > JOIN_S * 3) return;
    const width = voiceWidth(this.trace.levelDb[slot] as number);
    canvas.fillStyle = INK.light;
    canvas.beginPath();
    canvas.arc(this.x(slot), this.y(slot), width / 2 + 2, 0, Math.PI * 2);
    canvas.fill();
  }

  private gaps(canvas: CanvasRenderingContext2D): void {
    const { trace } = this;
    const fromS = this.nowS - this.view.behindS;
    let laterS = this.nowS;
    let patienceS = LATE_S;
    for (let seq = trace.newest; seq >= 0 && seq > trace.newest - trace.seq.length; seq--) {
      const slot = trace.slotOf(seq);
      const songS = slot < 0 ? Number.NaN : (trace.songS[slot] as number);
      if (Number.isNaN(songS)) continue;
      if (laterS - songS > patienceS) this.gap(canvas, Math.max(songS, fromS), laterS);
      if (songS < fromS) return;
      laterS = songS;
      patienceS = GAP_S;
    }
  }

  private gap(canvas: CanvasRenderingContext2D, fromS: number, toS: number): void {
    const left = laneX(this.view, fromS, this.nowS);
    const right = laneX(this.view, toS, this.nowS);
    canvas.strokeStyle = INK.gap;
    canvas.lineWidth = 2;
    canvas.beginPath();
    for (let x = left - (left % 14); x <= right; x += 14) {
      if (x < left) continue;
      canvas.moveTo(x, 0);
      canvas.lineTo(x, this.view.height);
    }
    canvas.setLineDash(INK.dashes);
    canvas.stroke();
    canvas.setLineDash(INK.solid);
  }

  private x(slot: number): number {
    return laneX(this.view, this.trace.songS[slot] as number, this.nowS);
  }

  private y(slot: number): number {
    return laneY(this.view, this.trace.midi[slot] as number);
  }
}

function lineWidth(hit: PointHit, width: number, inner: boolean): number {
  if (inner) return Math.max(1, width - 4);
  switch (hit) {
    case PointHit.HIT:
      return width;
    case PointHit.NEAR:
      return Math.max(4.5, width * 0.85);
    default:
      return Math.max(2, width * 0.4);
  }
}
