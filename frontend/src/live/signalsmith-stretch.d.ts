/** What we use of signalsmith-stretch (MIT); the package carries no types. */

declare module "signalsmith-stretch" {
  interface Schedule {
    output?: number; // audio time in seconds
    input?: number; // seconds into the buffers
    active?: boolean;
    rate?: number; // 0.8 is slower
    semitones?: number;
    formantCompensation?: boolean;
  }

  interface StretchNode extends AudioWorkletNode {
    addBuffers(channels: Float32Array[]): Promise<number>;
    schedule(change: Schedule): Promise<unknown>;
  }

  interface Stretch {
    (context: BaseAudioContext, options: AudioWorkletNodeOptions): Promise<StretchNode>;
    moduleUrl?: string;
  }

  const stretch: Stretch;
  export default stretch;
}
