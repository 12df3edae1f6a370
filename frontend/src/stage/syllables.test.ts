import { describe, expect, it } from "vitest";

import type { LaneNote, LanePhrase } from "../live/melody";
import { syllableState } from "./highlighter";
import { cueAt, wordsOf } from "./syllables";

const note = (syllable: string, startsWord: boolean): LaneNote => ({
  phrase: 0,
  index: 0,
  onset_s: 1,
  offset_s: 2,
  midi: 60,
  look: "normal",
  syllable,
  startsWord,
});

const phrase = (onset_s: number, offset_s: number): LanePhrase => ({ onset_s, offset_s, text: "", notes: [] });

describe("the words of a line", () => {
  it("are made of syllables, and a held one adds no letters", () => {
    const notes = [note("Pier", true), note("rot", false), note("~", false), note("mon", true)];
    const words = wordsOf({ ...phrase(0, 1), notes });
    expect(words.map((word) => word.map(({ text }) => text).join(""))).toEqual(["Pierrot", "mon"]);
  });

  it("light up while they are sung and stay lit", () => {
    expect([0.9, 1, 1.99, 2].map((s) => syllableState(note("la", true), s))).toEqual(["next", "now", "now", "sung"]);
  });
});

describe("the cue above the words", () => {
  const phrases = [phrase(1, 4), phrase(5, 8), phrase(20, 24)];

  it("counts in before the song", () => expect(cueAt(phrases, 0, -2.4)).toEqual({ kind: "count", seconds: 3 }));

  it("is silent between two lines that follow each other", () => expect(cueAt(phrases, 1, 4.5)).toEqual({ kind: "none" }));

  it("announces an instrumental break and counts its last three seconds", () => {
    expect(cueAt(phrases, 2, 10)).toEqual({ kind: "break", seconds: 10 });
    expect(cueAt(phrases, 2, 17.5)).toEqual({ kind: "count", seconds: 3 });
  });
});
