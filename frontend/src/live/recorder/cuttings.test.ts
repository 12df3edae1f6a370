import { describe, expect, it } from "vitest";

import { sizeDelimitedDecodeStream } from "@bufbuild/protobuf/wire";

import { PhoneSoundSchema } from "../../gen/voicejury/v1/media_pb";
import { cuttings, secondsOf, uploadBody } from "./cuttings";
import type { Chunk } from "./tape";

/** Chunks of a second; the sample at song second s holds s in hundredths. */
function chunks(fromS: number, count: number, microphone = 0): Chunk[] {
  return Array.from({ length: count }, (_, n) => ({
    songS: fromS + n,
    microphone,
    pcm: Int16Array.from({ length: 16_000 }, (_, k) => Math.floor((fromS + n + k / 16_000) * 100)),
  }));
}

describe("what the server lacks", () => {
  it("is cut to the sample, with the margin on either side", () => {
    const [run] = cuttings(chunks(0, 20), [{ start_s: 8.25, end_s: 11.5 }], 2);
    expect(run?.[0]?.songS).toBeCloseTo(6.25, 9);
    expect(run?.[0]?.pcm[0]).toBe(625);
    expect(secondsOf([run ?? []])).toBeCloseTo(7.25, 6);
  });

  it("is two runs for two spans, and for one span where the recording has a hole", () => {
    expect(cuttings(chunks(0, 20), [{ start_s: 4, end_s: 5 }, { start_s: 12, end_s: 13 }], 1)).toHaveLength(2);
    const holed = [...chunks(0, 5), ...chunks(7, 5)];
    expect(cuttings(holed, [{ start_s: 4, end_s: 8 }], 1).map((run) => run[0]?.songS)).toEqual([3, 7]);
  });

  it("is two runs where the microphone changed: the way to each has its own length", () => {
    const changed = [...chunks(0, 6), ...chunks(6, 6, 1)];
    const runs = cuttings(changed, [{ start_s: 4, end_s: 8 }], 1);
    expect(runs.map((run) => [run[0]?.songS, run[0]?.microphone])).toEqual([[3, 0], [6, 1]]);
  });

  it("is nothing where the phone recorded nothing of the span, be its margin recorded or not", () => {
    expect(cuttings(chunks(0, 5), [{ start_s: 6, end_s: 9 }], 2)).toEqual([]);
    expect(cuttings([], [{ start_s: 6, end_s: 9 }], 2)).toEqual([]);
  });

  it("may have no end that anybody knows", () => {
    expect(secondsOf(cuttings(chunks(0, 10), [{ start_s: 6, end_s: 1e9 }], 2))).toBeCloseTo(6, 6);
  });

  it("travels as messages of the contract, each behind its length", async () => {
    const runs = cuttings(chunks(0, 20), [{ start_s: 4, end_s: 5.5 }, { start_s: 12, end_s: 13 }], 1);
    const messages = [];
    const body = uploadBody("a-session", runs).stream() as unknown as AsyncIterable<Uint8Array>;
    for await (const message of sizeDelimitedDecodeStream(PhoneSoundSchema, body)) messages.push(message);
    expect(messages.map(({ span }) => span)).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(messages[0]?.songS).toBe(3);
    expect(messages.reduce((sum, { pcmS16le }) => sum + pcmS16le.length, 0)).toBe(32_000 * (3.5 + 3));
  });
});
