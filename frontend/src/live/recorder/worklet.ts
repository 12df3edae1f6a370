/** Runs on the audio thread: hears what WebRTC is given, and posts a chunk each second. */

import { Tape, type Cue } from "./tape";

declare const sampleRate: number;
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

export type ToWorklet = { kind: "follow"; cue: Cue | null } | { kind: "flush" };
export type FromWorklet = { kind: "chunk"; songS: number; pcm: ArrayBuffer } | { kind: "flushed" };

class RecorderProcessor extends AudioWorkletProcessor {
  private readonly tape = new Tape(sampleRate, ({ songS, pcm }) => {
    const message: FromWorklet = { kind: "chunk", songS, pcm: pcm.buffer };
    this.port.postMessage(message, [pcm.buffer]);
  });

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => {
      if (data.kind === "follow") return this.tape.follow(data.cue);
      this.tape.flush();
      this.port.postMessage({ kind: "flushed" } satisfies FromWorklet);
    };
  }

  process(inputs: Float32Array[][]): boolean {
    this.tape.block(inputs[0]?.[0] ?? null, currentFrame);
    return true;
  }
}

registerProcessor("recorder", RecorderProcessor);
