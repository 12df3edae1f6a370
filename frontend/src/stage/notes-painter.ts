/** Draws the written notes. Each note's outline is made once per lane size; a frame only places it. */

import type { LaneNote } from "../live/melody";
import { laneX, laneY, type LaneView } from "./geometry";
import { INK } from "./ink";

const NOTE_HEIGHT_PX = 18;
const WELL_SUNG = 0.75;
const PARTLY_SUNG = 0.35;

export class NotesPainter {
  private readonly bars: Path2D[];
  private readonly star: Path2D;
  private first = 0; // no note before this one can be visible any more

  constructor(
    private readonly view: LaneView,
    private readonly notes: readonly LaneNote[],
    private readonly credits: Float32Array,
  ) {
    this.bars = notes.map((note) => this.bar(note));
    this.star = starPath(9);
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
    else this.sungNote(canvas, bar, note.look === "golden", credit, sung);
    canvas.translate(-x, -y);
  }

  private spoken(canvas: CanvasRenderingContext2D, bar: Path2D): void {
    canvas.setLineDash(INK.dashes);
    canvas.strokeStyle = INK.noteEdge;
    canvas.lineWidth = 2;
    canvas.stroke(bar);
    canvas.setLineDash(INK.solid);
  }

  /** Solid once well sung, half bright when partly, hollow when missed; the outline of a note not heard is dashed. */
  private sungNote(canvas: CanvasRenderingContext2D, bar: Path2D, golden: boolean, credit: number, sung: boolean): void {
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
    path.roundRect(0, -NOTE_HEIGHT_PX / 2, width, NOTE_HEIGHT_PX, NOTE_HEIGHT_PX / 2);
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
