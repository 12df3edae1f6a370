/** Draws the written notes. Each note's outline is made once per lane size; a frame only places it. */

import type { LaneNote } from "../live/melody";
import { laneX, laneY, type LaneView } from "./geometry";
import { INK } from "./ink";

const THINNEST_PX = 16;
const THICKEST_PX = 30;
const SEMITONES_THICK = 1.05;
const GLOW_PX = 12;
const FLASH_S = 0.45; // a note well sung answers at once
const FLASH_PX = 14;
const WELL_SUNG = 0.75;
const PARTLY_SUNG = 0.35;

export class NotesPainter {
  private readonly bars: Path2D[];
  private readonly star: Path2D;
  private readonly heightPx: number;
  private readonly wonAtS: Float64Array; // when the judge said that a note was well sung
  private first = 0; // no note before this one can be visible any more

  constructor(
    private readonly view: LaneView,
    private readonly notes: readonly LaneNote[],
    private readonly credits: Float32Array,
    private readonly still: boolean,
  ) {
    this.heightPx = Math.min(THICKEST_PX, Math.max(THINNEST_PX, view.pxPerSemitone * SEMITONES_THICK));
    this.wonAtS = new Float64Array(notes.length).fill(Number.NaN);
    this.bars = notes.map((note) => this.bar(note));
    this.star = starPath(this.heightPx * 0.55);
  }

  draw(canvas: CanvasRenderingContext2D, nowS: number): void {
    const fromS = nowS - this.view.behindS - 0.2;
    const toS = fromS + this.view.width / this.view.pxPerS + 0.4;
    if (((this.notes[this.first - 1]?.offset_s ?? 0) as number) > fromS) this.first = 0; // the song was rewound
    for (let i = this.first; i < this.notes.length; i++) {
      const note = this.notes[i] as LaneNote;
      if (note.offset_s < fromS) this.first = i + 1;
      else if (note.onset_s > toS) return;
      else this.note(canvas, i, note, nowS);
    }
  }

  private note(canvas: CanvasRenderingContext2D, index: number, note: LaneNote, nowS: number): void {
    const x = laneX(this.view, note.onset_s, nowS);
    const y = note.look === "spoken" ? this.view.height / 2 : laneY(this.view, note.midi);
    canvas.translate(x, y);
    const bar = this.bars[index] as Path2D;
    const credit = this.credits[index] as number;
    const sung = note.onset_s <= nowS && nowS < note.offset_s;
    if (note.look === "spoken") this.spoken(canvas, bar);
    else {
      if (!this.still && credit >= WELL_SUNG) this.flash(canvas, bar, index, note.look === "golden", nowS);
      this.sungNote(canvas, bar, note.look === "golden", credit, sung);
    }
    canvas.translate(-x, -y);
  }

  private spoken(canvas: CanvasRenderingContext2D, bar: Path2D): void {
    canvas.setLineDash(INK.dashes);
    canvas.strokeStyle = INK.noteEdge;
    canvas.lineWidth = 2;
    canvas.stroke(bar);
    canvas.setLineDash(INK.solid);
  }

  /** A ring that spreads from a note in the moment in which it is won. */
  private flash(canvas: CanvasRenderingContext2D, bar: Path2D, index: number, golden: boolean, nowS: number): void {
    if (Number.isNaN(this.wonAtS[index])) this.wonAtS[index] = nowS;
    const part = (nowS - (this.wonAtS[index] as number)) / FLASH_S;
    if (part < 0 || part >= 1) return;
    canvas.globalAlpha = (1 - part) * 0.6;
    canvas.strokeStyle = golden ? INK.gold : INK.hit;
    canvas.lineWidth = 2 * FLASH_PX * part;
    canvas.stroke(bar);
    canvas.globalAlpha = 1;
  }

  /** Solid once well sung, half bright when partly, hollow when missed; the outline of a note not heard is dashed. */
  private sungNote(canvas: CanvasRenderingContext2D, bar: Path2D, golden: boolean, credit: number, sung: boolean): void {
    if (golden) {
      canvas.strokeStyle = INK.goldGlow;
      canvas.lineWidth = GLOW_PX;
      canvas.stroke(bar);
    }
    canvas.fillStyle = noteFill(golden, credit, sung);
    canvas.fill(bar);
    canvas.strokeStyle = golden ? INK.gold : sung ? INK.light : INK.noteEdge;
    canvas.lineWidth = golden || sung ? 2.5 : 1.5;
    if (credit < 0) canvas.setLineDash(INK.dashes);
    canvas.stroke(bar);
    if (credit < 0) canvas.setLineDash(INK.solid);
    if (!golden) return;
    canvas.fillStyle = INK.gold;
    canvas.fill(this.star);
  }

  private bar(note: LaneNote): Path2D {
    const path = new Path2D();
    const width = Math.max(8, (note.offset_s - note.onset_s) * this.view.pxPerS - 3);
    path.roundRect(0, -this.heightPx / 2, width, this.heightPx, this.heightPx / 2);
    return path;
  }
}

function noteFill(golden: boolean, credit: number, sung: boolean): string {
  if (credit >= WELL_SUNG) return golden ? INK.goldSolid : INK.hitSolid;
  if (credit >= PARTLY_SUNG) return golden ? INK.goldHalf : INK.hitHalf;
  if (credit <= PARTLY_SUNG) return INK.hollow; // missed or not heard
  if (golden) return INK.goldHalf;
  return sung ? INK.noteNow : INK.note;
}

function starPath(radius: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < 10; i++) {
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    const reach = i % 2 === 0 ? radius : radius * 0.45;
    path.lineTo(Math.cos(angle) * reach, Math.sin(angle) * reach);
  }
  path.closePath();
  return path;
}
