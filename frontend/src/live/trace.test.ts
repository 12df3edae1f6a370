import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { PitchPointSchema } from "../gen/voicejury/v1/live_pb";
import { foldToOctave, Melody, midiOf, type LaneNote } from "./melody";
import { CAPACITY, Trace } from "./trace";

const note = (onset_s: number, midi: number): LaneNote => ({
  phrase: 0,
  index: 0,
  onset_s,
  offset_s: onset_s + 1,
  midi,
  look: "normal",
});

const melody = new Melody([{ onset_s: 0, offset_s: 4, text: "la la", notes: [note(0, 60), note(3, 72)], syllables: [] }]);
const point = (seq: number, songS: number, f0Hz = 440) => create(PitchPointSchema, { seq: BigInt(seq), songS, f0Hz });

describe("the trace of the voice", () => {
  it("takes each point once however often it is repeated", () => {
    const trace = new Trace(melody);
    for (const seq of [3, 4, 3, 4, 5]) trace.push(point(seq, seq / 50), 0);
    expect(trace.received).toBe(3);
  });

  it("keeps points that arrive out of order", () => {
    const trace = new Trace(melody);
    for (const seq of [7, 5, 6]) trace.push(point(seq, seq / 50), 0);
    expect(trace.newest).toBe(7);
    expect([5, 6, 7].map((seq) => trace.slotOf(seq))).toEqual([5, 6, 7]);
  });

  it("forgets points that have left the ring and refuses ones older than it", () => {
    const trace = new Trace(melody);
    trace.push(point(1, 0), 0);
    trace.push(point(CAPACITY + 1, 1), 0);
    expect(trace.slotOf(1)).toBe(-1);
    expect(trace.push(point(1, 0), 0)).toBe(false);
  });

  it("holds the voice in the octave of the nearest note", () => {
    const trace = new Trace(melody);
    trace.push(point(0, 0.5, 523.25), 0); // C5 over a written C4
    trace.push(point(1, 3.5, 261.63), 0); // C4 under a written C5
    expect(trace.midi[0]).toBeCloseTo(60, 1);
    expect(trace.midi[1]).toBeCloseTo(72, 1);
  });

  it("draws nothing for an unvoiced point", () => {
    const trace = new Trace(melody);
    trace.push(point(0, 0.5, 0), 0);
    expect(trace.midi[0]).toBe(0);
  });

  it("counts a drawn point once", () => {
    const trace = new Trace(melody);
    trace.push(point(0, 0.5), 0);
    trace.markDrawn(0);
    trace.markDrawn(0);
    expect(trace.drawn).toBe(1);
  });
});

describe("folding", () => {
  it.each([
    [48, 60, 60],
    [73, 60, 61],
    [66.1, 60, 54.1],
    [65.9, 60, 65.9],
  ])("brings %d near %d as %d", (sung, written, folded) => expect(foldToOctave(sung, written)).toBeCloseTo(folded));

  it("knows that A4 is 69", () => expect(midiOf(440)).toBe(69));
});
