import type { Syllable } from "../live/melody";
import { CAPACITY, type Trace } from "../live/trace";

const LATE_POINTS = 10; // points may come out of order: those are looked at again
type SyllableState = "next" | "now" | "sung";

export function syllableState(syllable: Pick<Syllable, "onset_s" | "offset_s">, nowS: number): SyllableState {
  if (nowS < syllable.onset_s) return "next";
  return nowS < syllable.offset_s ? "now" : "sung";
}

/** Lights the sung syllable by touching the elements themselves, outside React. */
export class Highlighter {
  private elements: HTMLElement[] = [];
  private syllables: readonly Syllable[] = [];
  private heardTo = -1;

  attach(line: HTMLElement | null, syllables: readonly Syllable[]): void {
    this.elements = line ? [...line.querySelectorAll<HTMLElement>(".syllable")] : [];
    this.syllables = syllables;
  }

  /** Marks the syllables in which a voice was heard: of the points that came since the last call, what they sang. */
  hear(trace: Trace, laterS: number): void {
    for (let seq = Math.max(this.heardTo + 1, trace.newest - CAPACITY + 1); seq <= trace.newest; seq++) {
      const slot = trace.slotOf(seq);
      if (slot >= 0 && (trace.f0Hz[slot] as number) > 0) this.mark((trace.songS[slot] as number) - laterS);
    }
    this.heardTo = Math.max(this.heardTo, trace.newest - LATE_POINTS);
  }

  private mark(songS: number): void {
    const place = this.syllables.findIndex(({ onset_s, offset_s }) => songS >= onset_s && songS < offset_s);
    const element = this.elements[place];
    if (element && element.dataset.voiced === undefined) element.dataset.voiced = "";
  }

  update(nowS: number): void {
    for (let i = 0; i < this.elements.length; i++) {
      const element = this.elements[i] as HTMLElement;
      const syllable = this.syllables[i];
      if (!syllable) return;
      const state = syllableState(syllable, nowS);
      if (element.dataset.state !== state) element.dataset.state = state;
    }
  }
}
