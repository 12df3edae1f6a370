import type { Syllable } from "../live/melody";

type SyllableState = "next" | "now" | "sung";

export function syllableState(syllable: Pick<Syllable, "onset_s" | "offset_s">, nowS: number): SyllableState {
  if (nowS < syllable.onset_s) return "next";
  return nowS < syllable.offset_s ? "now" : "sung";
}

/** Lights the sung syllable by touching the elements themselves, outside React. */
export class Highlighter {
  private elements: HTMLElement[] = [];
  private syllables: readonly Syllable[] = [];

  attach(line: HTMLElement | null, syllables: readonly Syllable[]): void {
    this.elements = line ? [...line.querySelectorAll<HTMLElement>(".syllable")] : [];
    this.syllables = syllables;
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
