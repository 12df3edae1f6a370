import { create } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it } from "vitest";

import { PitchPointSchema } from "../gen/voicejury/v1/live_pb";
import { Melody } from "../live/melody";
import { Trace } from "../live/trace";
import { Highlighter } from "./highlighter";

const SYLLABLES = [
  { text: "Au", onset_s: 1, offset_s: 2, startsWord: true },
  { text: "clair", onset_s: 2, offset_s: 3, startsWord: true },
];

class FakeSpan {
  readonly dataset: Record<string, string> = {};
}

describe("syllables in which a voice is heard", () => {
  let spans: FakeSpan[];
  let highlighter: Highlighter;
  let trace: Trace;
  let seq = 0;
  const sing = (songS: number, f0Hz: number) =>
    trace.push(create(PitchPointSchema, { seq: BigInt(seq++), songS, f0Hz }), 0);
  const voiced = () => spans.map(({ dataset }) => dataset.voiced !== undefined);

  beforeEach(() => {
    seq = 0;
    spans = SYLLABLES.map(() => new FakeSpan());
    const line = { querySelectorAll: () => spans } as unknown as HTMLElement;
    highlighter = new Highlighter();
    highlighter.attach(line, SYLLABLES);
    trace = new Trace(new Melody([]));
  });

  it("are marked once a voiced point falls into them", () => {
    sing(1.5, 220);
    sing(2.5, 0);
    highlighter.hear(trace, 0);
    expect(voiced()).toEqual([true, false]);
    sing(2.6, 220);
    highlighter.hear(trace, 0);
    expect(voiced()).toEqual([true, true]);
  });

  it("are not marked by a voice before or after the line", () => {
    sing(0.5, 220);
    sing(3.5, 220);
    highlighter.hear(trace, 0);
    expect(voiced()).toEqual([false, false]);
  });

  it("move with words that were moved by ear", () => {
    sing(2.5, 220);
    highlighter.hear(trace, 1);
    expect(voiced()).toEqual([true, false]);
  });
});
