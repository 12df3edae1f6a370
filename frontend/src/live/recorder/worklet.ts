/** Runs on the audio thread: hears what WebRTC is given, and posts a chunk each second. */

import { Tape, type Cue } from "./tape";

declare const sampleRate: number;
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

export type ToWorklet = { kind: "follow"; cue: Cue | null } | { kind: "change" } | { kind: "flush" } | { kind: "close" };
export type FromWorklet = { kind: "chunk"; songS: number; pcm: ArrayBuffer; microphone: number } | { kind: "flushed" };

class RecorderProcessor extends AudioWorkletProcessor {
  private closed = false;
  private readonly tape = new Tape(sampleRate, ({ songS, pcm, microphone }) => {
    const message: FromWorklet = { kind: "chunk", songS, pcm: pcm.buffer, microphone };
    this.port.postMessage(message, [pcm.buffer]);
  });

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => {
      if (data.kind === "follow") return this.tape.follow(data.cue);
      if (data.kind === "change") return this.tape.change();
      if (data.kind === "close") return void (this.closed = true);
      this.tape.flush();
      this.port.postMessage({ kind: "flushed" } satisfies FromWorklet);
    };
  }

  /** False once it is closed, so that the browser lets it go. */
  process(inputs: Float32Array[][]): boolean {
    if (this.closed) return false;
    this.tape.block(inputs[0]?.[0] ?? null, currentFrame);
    return true;
  }
}

registerProcessor("recorder", RecorderProcessor);
