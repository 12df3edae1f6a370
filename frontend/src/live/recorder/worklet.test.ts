import { afterEach, describe, expect, it, vi } from "vitest";

interface Processor {
  port: { onmessage: (message: { data: object }) => void; postMessage: (message: object) => void };
  process(inputs: Float32Array[][]): boolean;
}

afterEach(() => void vi.unstubAllGlobals());

/** The recorder on an audio thread of 16 kHz; what it posts lands in `posted`. */
async function recorder(posted: object[]): Promise<Processor> {
  let made: (new () => Processor) | undefined;
  const port = { onmessage: null, postMessage: (message: object) => void posted.push(message) };
  vi.stubGlobal("sampleRate", 16_000);
  vi.stubGlobal("currentFrame", 0);
  vi.stubGlobal("AudioWorkletProcessor", class { readonly port = port; });
  vi.stubGlobal("registerProcessor", (_: string, processor: new () => Processor) => (made = processor));
  await import("./worklet");
  if (!made) throw new Error("nothing was registered");
  return new made();
}

describe("the recorder on the audio thread", () => {
  it("lives through a flush, and lets the browser take it away once it is closed", async () => {
    const posted: object[] = [];
    const processor = await recorder(posted);
    const hear = () => processor.process([[new Float32Array(128)]]);
    processor.port.onmessage({ data: { kind: "flush" } });
    expect([hear(), processor.process([])]).toEqual([true, true]);
    expect(posted).toEqual([{ kind: "flushed" }]);
    processor.port.onmessage({ data: { kind: "close" } });
    expect(hear()).toBe(false);
  });
});
