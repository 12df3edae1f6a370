import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { verdictOf } from "../api/session";
import { LineVerdictSchema, LossSchema } from "../gen/voicejury/v1/verdict_pb";
import { DICTIONARIES } from "../i18n/language";
import { curvePath, frameOf } from "../ui/curve";
import { lossText } from "./line-detail";
import { extremes, gapsOf, lineScore } from "./lines";
import { reasonKind } from "./reasons";
import { countUp } from "./reveal";

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

  it("have no weakest where there is only one", () => expect(extremes([line(0, 40)]).weakest).toBeNull());

  it("are gaps where too little arrived", () => expect(gapsOf([line(0, 50), line(4, undefined, 0.1)])).toEqual([{ fromS: 4, toS: 5 }]));
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
    expect(reasonKind("Whisper model not installed: set VOICEJURY_WHISPER_MODEL")).toBe("noWordsModel");
    expect(reasonKind("too little sound arrived to measure the pitch")).toBe("tooLittleSound");
    expect(reasonKind("the moon is full")).toBe("unknown");
  });

  it("count up to the whole total and not beyond", () => {
    expect([countUp(-5), countUp(1_400), countUp(9_000)]).toEqual([0, 1, 1]);
  });
});
