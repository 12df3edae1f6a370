import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { SongSchema } from "../gen/voicejury/v1/song_pb";
import { phrasesOf } from "../live/melody";
import { syllableState } from "./highlighter";
import { wordsOf } from "../live/syllables";

const note = (syllable: string, startsWord: boolean, onsetS = 1) => ({ syllable, startsWord, onsetS, offsetS: onsetS + 1, midi: 60 });
const written = (words: ReturnType<typeof wordsOf>) => words.map((word) => word.map(({ text }) => text).join(""));

/** A song of one line. */
function lineOf(notes: ReturnType<typeof note>[], words: { text: string; onsetS: number; offsetS: number; timedBy: string }[] = []) {
  const reference = { melody: { phrases: [{ onsetS: 0, offsetS: 9, notes, text: "" }] }, lyrics: { words } };
  const [line] = phrasesOf(create(SongSchema, { voices: [{ reference }] }));
  if (!line) throw new Error("the song has no line");
  return line;
}

describe("the words of a line", () => {
  it("are made of syllables, and a held one adds no letters", () => {
    const line = lineOf([note("Pier", true), note("rot", false), note("~", false), note("mon", true)]);
    expect(written(wordsOf(line))).toEqual(["Pierrot", "mon"]);
  });

  it("take the times that were found for them, wherever the notes of a prepared song lie", () => {
    const line = lineOf([note("", true, 1), note("", true, 5)], [
      { text: "mon", onsetS: 1.2, offsetS: 1.5, timedBy: "whisper" },
      { text: "ami", onsetS: 1.6, offsetS: 2, timedBy: "syllables" },
    ]);
    expect(written(wordsOf(line))).toEqual(["mon", "ami"]);
    expect(line.syllables.map(({ onset_s }) => onset_s)).toEqual([1.2, 1.6]);
  });

  it("keep the times of written notes where the words were only copied from them", () => {
    const line = lineOf([note("mon", true, 3)], [{ text: "mon", onsetS: 0, offsetS: 0, timedBy: "" }]);
    expect(line.syllables).toMatchObject([{ text: "mon", onset_s: 3 }]);
  });

  it("light up while they are sung and stay lit", () => {
    const [syllable] = lineOf([note("la", true)]).syllables;
    expect([0.9, 1, 1.99, 2].map((s) => syllable && syllableState(syllable, s))).toEqual(["next", "now", "now", "sung"]);
  });
});
