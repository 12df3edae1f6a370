import type { Act } from "../live/act";
import { laneView, type LaneView } from "./geometry";
import { INK } from "./ink";
import { NotesPainter } from "./notes-painter";
import { VoicePainter } from "./voice-painter";

const GLOW_PX = 9; // of the playhead, to each side
const DENSEST = 2; // more pixels than this cost frames on a phone and show nothing

/** The whole lane. Everything that depends on its size is made in `resize`; `draw` allocates nothing. */
export class LanePainter {
  private view: LaneView | null = null;
  private notes: NotesPainter | null = null;
  private voice: VoicePainter | null = null;
  private readonly context: CanvasRenderingContext2D | null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly act: Act,
    private readonly still: boolean, // no motion but the song's own
  ) {
    this.context = canvas.getContext("2d");
  }

  resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    const density = Math.min(DENSEST, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    this.context?.setTransform(density, 0, 0, density, 0, 0);
    this.view = laneView(width, height, this.act.melody.notes);
    this.notes = new NotesPainter(this.view, this.act.melody.notes, this.act.credits, this.still);
    this.voice = new VoicePainter(this.view, this.act.trace);
  }

  draw(nowS: number): void {
    const { context, view } = this;
    if (!context || !view) return;
    context.clearRect(0, 0, view.width, view.height);
    this.strings(context, view);
    context.fillStyle = INK.playheadGlow;
    context.fillRect(view.playheadX - GLOW_PX, 0, 2 * GLOW_PX, view.height);
    this.notes?.draw(context, nowS);
    this.voice?.draw(context, nowS);
    context.fillStyle = INK.playhead;
    context.fillRect(view.playheadX - 1.5, 0, 3, view.height);
  }

  private strings(context: CanvasRenderingContext2D, view: LaneView): void {
    context.fillStyle = INK.string;
    for (let y = view.height; y > 0; y -= 2 * view.pxPerSemitone) context.fillRect(0, y, view.width, 1);
  }
}
