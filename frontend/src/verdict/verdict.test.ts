import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { verdictOf } from "../api/session";
import { JurorSchema, LineVerdictSchema, LossSchema } from "../gen/voicejury/v1/verdict_pb";
import { DICTIONARIES } from "../i18n/language";
import { extremes, lineScore } from "../show/extremes";
import { curvePath, frameOf } from "../ui/curve";
import { punchline } from "../ui/punchline";
import { countUp } from "./count-up";
import { lossText } from "./line-detail";
import { gapsOf, lostS } from "./lines";
import { otherParts, reasonKind } from "./reasons";
import { golden } from "./score";

const line = (phrase: number, pitch?: number, measured = 1) =>
  create(LineVerdictSchema, { phrase, measured, onsetS: phrase, offsetS: phrase + 1, ...(pitch === undefined ? {} : { pitch }) });

describe("a verdict from the server", () => {
  it("keeps a null part apart from a part of 0 points", () => {
    const verdict = verdictOf({ total: 40, pitch: 0, rhythm: 80, lyrics: null, reasons: { lyrics: "why" }, live_pitch: null });
    expect([verdict.pitch, verdict.lyrics]).toEqual([0, undefined]);
  });

  it("survives fields that a newer server adds", () => {
    expect(verdictOf({ total: 50, shine: "bright" }).total).toBe(50);
  });
});

describe("the lines", () => {
  it("have no score where nothing was measured", () => expect(lineScore(line(0))).toBeNull());

  it("give the best and the weakest of the measured ones", () => {
    const { best, weakest } = extremes([line(0, 40), line(1), line(2, 90), line(3, 60)]);
    expect([best?.phrase, weakest?.phrase]).toEqual([2, 0]);
  });

  it("have no weakest where all of them are splendid", () => {
    const { best, weakest } = extremes([line(0, 99), line(1, 96)]);
    expect([best?.phrase, weakest]).toEqual([0, null]);
  });
  it("have no weakest where there is only one", () => expect(extremes([line(0, 40)]).weakest).toBeNull());

  it("are gaps where too little arrived", () => expect(gapsOf([line(0, 50), line(4, undefined, 0.1)])).toEqual([{ fromS: 4, toS: 5 }]));

  it("have a gap where only some notes fell into a hole", () => {
    const notes = [0, 1, 2, 3].map((note) => ({ note, onsetS: note, measured: note === 0 || note === 3 }));
    const torn = create(LineVerdictSchema, { measured: 0.5, onsetS: 0, offsetS: 4, notes });
    expect(gapsOf([torn])).toEqual([{ fromS: 1, toS: 3 }]);
    expect(lostS(gapsOf([torn]))).toBe(2);
  });
});

describe("the total", () => {
  it("throws gold for three yeses and 90 points, not for less", () => {
    const yes = create(JurorSchema, { vote: true });
    const no = create(JurorSchema, { vote: false });
    expect(golden({ total: 90, jury: [yes, yes, yes] })).toBe(true);
    expect(golden({ total: 89.9, jury: [yes, yes, yes] })).toBe(false);
    expect(golden({ total: 99, jury: [yes, no, yes] })).toBe(false);
    expect(golden({ total: 99, jury: [] })).toBe(false);
  });
});

describe("the curve", () => {
  const dot = (songS: number, sungMidi: number) => ({ songS, sungMidi, writtenMidi: 60 });

  it("lifts the pen over a gap instead of drawing through it", () => {
    const dots = [dot(0, 60), dot(0.05, 60), dot(2, 61), dot(2.05, 61)];
    expect(curvePath(dots, "sungMidi", frameOf(dots), 100).match(/M/g)).toHaveLength(2);
  });

  it("draws nothing for silence", () => {
    const dots = [dot(0, 0), dot(0.05, 0)];
    expect(curvePath(dots, "sungMidi", frameOf(dots), 100)).toBe("");
  });
});

describe("words of the verdict", () => {
  it("tell a loss with its size", () => {
    const loss = create(LossSchema, { points: 1.25, reason: "flat", word: "lune", cents: -38 });
    expect(lossText(loss, DICTIONARIES.en)).toBe("−1.3: “lune” flat (−38 cents)");
  });

  it("never show the server's English reason", () => {
    expect(reasonKind("lyrics", "Whisper model not installed: set VOICEJURY_WHISPER_MODEL")).toBe("noWordsModel");
    expect(reasonKind("lyrics", "the words were not heard: groq whisper-large-v3: no answer in time")).toBe("wordsAway");
    expect(reasonKind("lyrics", "the words were not heard: faster-whisper: the server answered 500; whisper small 30: Whisper model not installed: fetch it")).toBe("wordsAway");
    expect(reasonKind("lyrics", "the words were not heard: whisper small 30: Whisper model not installed: fetch it")).toBe("noWordsModel");
    expect(reasonKind("lyrics", "the song does not say which language it is in")).toBe("noLanguage");
    expect(reasonKind("pitch", "too little sound arrived to measure the pitch")).toBe("tooLittleSound");
    expect(reasonKind("lyrics", "the lyrics are only fillers like la la and oh, or backing words in brackets")).toBe("onlyFillers");
    expect(reasonKind("lyrics", "the moon is full")).toBe("unknown");
  });

  it("tell why live and final differ, and whatever else the server has to say", () => {
    expect(otherParts({ lyrics: "x", live: "y", shine: "z" })).toEqual(["live", "shine"]);
    expect(["live", "late", "shine"].map((part) => reasonKind(part, "y"))).toEqual(["liveDiffers", "allLate", "unknown"]);
  });

  it("lead with the first sentence, and never lose one", () => {
    expect(punchline("Oh ! Une perle dans cette huître ! « Lune », c'était de la soie.")).toEqual(["Oh ! Une perle dans cette huître !", "« Lune », c'était de la soie."]);
    expect(punchline("50,3 de justesse, et rien de plus")).toEqual(["50,3 de justesse, et rien de plus", ""]);
  });

  it("count up to the whole total and not beyond", () => {
    expect([countUp(-5), countUp(1_400), countUp(9_000)]).toEqual([0, 1, 1]);
  });
});
