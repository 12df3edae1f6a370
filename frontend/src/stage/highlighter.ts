import type { LaneNote } from "../live/melody";

type SyllableState = "next" | "now" | "sung";

export function syllableState(note: Pick<LaneNote, "onset_s" | "offset_s">, nowS: number): SyllableState {
  if (nowS < note.onset_s) return "next";
  return nowS < note.offset_s ? "now" : "sung";
}

/** Lights the sung syllable by touching the elements themselves, outside React. */
export class Highlighter {
  private elements: HTMLElement[] = [];
  private notes: readonly LaneNote[] = [];

  attach(line: HTMLElement | null, notes: readonly LaneNote[]): void {
    this.elements = line ? [...line.querySelectorAll<HTMLElement>(".syllable")] : [];
    this.notes = notes;
  }

  update(nowS: number): void {
    for (let i = 0; i < this.elements.length; i++) {
      const element = this.elements[i] as HTMLElement;
      const note = this.notes[i];
      if (!note) return;
      const state = syllableState(note, nowS);
      if (element.dataset.state !== state) element.dataset.state = state;
    }
  }
}
