/** Plays the backing, and the guide voice beside it, at exact moments of the audio clock. */

const EXCERPT_GUIDE = 0.7;
export const EXCERPT_AFTER_S = 0.05; // a start in the past would cut its beginning off

export class Player {
  private readonly guideGain: GainNode;
  private readonly master: GainNode;
  private sources: AudioBufferSourceNode[] = [];

  constructor(
    private readonly context: AudioContext,
    private readonly backing: AudioBuffer,
    private readonly guide: AudioBuffer | null,
  ) {
    this.master = new GainNode(context);
    this.guideGain = new GainNode(context, { gain: 0 });
    this.master.connect(context.destination);
    this.guideGain.connect(this.master);
  }

  get durationS(): number {
    return this.backing.duration;
  }

  get hasGuide(): boolean {
    return this.guide !== null;
  }

  setGuideVolume(gain: number): void {
    this.guideGain.gain.setTargetAtTime(gain, this.context.currentTime, 0.03);
  }

  /** Song second `fromS` leaves the context at audio time `atS`. */
  start(atS: number, fromS: number): void {
    this.stop();
    this.master.gain.cancelScheduledValues(this.context.currentTime);
    this.master.gain.setValueAtTime(1, this.context.currentTime);
    this.sources = [this.source(this.backing, this.master)];
    if (this.guide) this.sources.push(this.source(this.guide, this.guideGain));
    for (const source of this.sources) source.start(atS, fromS);
  }

  /** Plays a stretch of the song at once, with the guide voice in it to learn from. */
  excerpt(fromS: number, toS: number, ended: () => void): void {
    this.guideGain.gain.setValueAtTime(EXCERPT_GUIDE, this.context.currentTime);
    const atS = this.context.currentTime + EXCERPT_AFTER_S;
    this.start(atS, fromS);
    for (const source of this.sources) source.stop(atS + toS - fromS);
    const [first] = this.sources;
    if (first) first.onended = ended;
  }

  fadeOut(seconds: number): void {
    this.master.gain.setTargetAtTime(0, this.context.currentTime, seconds / 3);
  }

  fadeIn(): void {
    this.master.gain.cancelScheduledValues(this.context.currentTime);
    this.master.gain.setTargetAtTime(1, this.context.currentTime, 0.05);
  }

  stop(): void {
    for (const source of this.sources) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.sources = [];
  }

  private source(buffer: AudioBuffer, into: AudioNode): AudioBufferSourceNode {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(into);
    return source;
  }
}
