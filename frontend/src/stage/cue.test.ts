import { describe, expect, it } from "vitest";

import type { LanePhrase } from "../live/melody";
import { cueAt } from "./cue";

const phrase = (onset_s: number, offset_s: number): LanePhrase => ({ onset_s, offset_s, text: "", notes: [], syllables: [] });

describe("the cue above the words", () => {
  const phrases = [phrase(1, 4), phrase(5, 8), phrase(20, 24)];

  it("counts in before the song", () => expect(cueAt(phrases, 0, -2.4)).toEqual({ kind: "count", seconds: 3 }));

  it("is silent between two lines that follow each other", () => expect(cueAt(phrases, 1, 4.5)).toEqual({ kind: "none" }));

  it("announces an instrumental break and counts its last three seconds", () => {
    expect(cueAt(phrases, 2, 10)).toEqual({ kind: "break", seconds: 10 });
    expect(cueAt(phrases, 2, 17.5)).toEqual({ kind: "count", seconds: 3 });
  });
});
