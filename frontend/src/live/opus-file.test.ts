import { describe, expect, it } from "vitest";

import { isInStep, opusDurationS } from "./opus-file";

const text = (letters: string) => [...letters].map((letter) => letter.charCodeAt(0));

function page(granule: number, content: number[]): number[] {
  const low = [0, 8, 16, 24].map((shift) => (granule >>> shift) & 255);
  return [...text("OggS"), 0, 0, ...low, 0, 0, 0, 0, ...new Array<number>(12).fill(0), 1, content.length, ...content];
}

function opusFile(samples: number, preSkip: number): ArrayBuffer {
  const head = [...text("OpusHead"), 1, 2, preSkip & 255, preSkip >> 8, 0, 0, 0, 0, 0, 0, 0];
  const bytes = [page(0, head), page(960, [1, 2, 3]), page(samples + preSkip, text("Ogg4"))].flat();
  return new Uint8Array(bytes).buffer;
}

describe("an Ogg Opus file", () => {
  it("tells its length without the encoder's delay", () => {
    expect(opusDurationS(opusFile(48_000 * 180, 312))).toBe(180);
  });

  it("is not mistaken in a file of another kind, or in half of one", () => {
    expect(opusDurationS(new Uint8Array(text("fLaC and so on OggS")).buffer)).toBeNull();
    expect(opusDurationS(new ArrayBuffer(0))).toBeNull();
    expect(opusDurationS(opusFile(48_000, 312).slice(0, 40))).toBeNull();
  });

  it("is out of step where a decoder leaves the delay in", () => {
    expect(isInStep(180.0001, 180)).toBe(true);
    expect(isInStep(180 + 312 / 48_000, 180)).toBe(false);
    expect(isInStep(180, null)).toBe(false);
  });
});
