import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { WordHeardSchema, WordState } from "../gen/voicejury/v1/live_pb";
import type { LanePhrase } from "../live/melody";
import { heardLine, markedWords, writtenWords } from "./words-heard";

const phrase = (text: string, syllables: LanePhrase["syllables"] = []): LanePhrase => ({
  onset_s: 0,
  offset_s: 4,
  text,
  notes: [],
  syllables,
});
const heard = (...states: WordState[]) => states.map((state, word) => create(WordHeardSchema, { word, state, certainty: 1 }));
const { HEARD, LATE, WRONG, MISSING, UNSPECIFIED } = WordState;

describe("the words of a line as the jury heard them", () => {
  it("have a mark each, and none where nothing is said of them", () => {
    const words = markedWords(["au", "clair", "de", "la", "lune"], heard(HEARD, LATE, WRONG, MISSING, UNSPECIFIED));
    expect(words.map(({ mark }) => mark)).toEqual(["heard", "late", "wrong", "missing", null]);
    expect(words.map(({ text }) => text)).toEqual(["au", "clair", "de", "la", "lune"]);
  });

  it("are not shown where the jury had other words than the page", () => {
    expect(markedWords(["au"], heard(HEARD, HEARD))).toEqual([]);
    expect(heardLine([phrase("au clair")], 7, heard(HEARD))).toBeNull();
    expect(heardLine([phrase("au clair")], 0, heard(UNSPECIFIED, UNSPECIFIED))).toBeNull();
  });

  it("are those of the line's syllables where it has any, joined to words", () => {
    const syllable = (text: string, startsWord: boolean) => ({ text, onset_s: 0, offset_s: 1, startsWord });
    const line = phrase("Pierrot dort", [syllable("Pier", true), syllable("rot", false), syllable("dort", true)]);
    expect(writtenWords(line)).toEqual(["Pierrot", "dort"]);
    expect(writtenWords(phrase("  mon ami  "))).toEqual(["mon", "ami"]);
  });
});
