/** Several recordings on one clock, each with its fader. Nothing here knows the page. */

export interface Stem {
  readonly id: string;
  readonly buffer: AudioBuffer;
  readonly gain: number; // of the recording itself, beside the fader
}

const LEAD_S = 0.06; // all sources are set before the first one sounds
const FADE_S = 0.02;
const END_S = 0.05; // nearer to the end there is nothing left to hear

export class Mixer {
  readonly durationS: number;
  private readonly faders = new Map<string, GainNode>();
  private readonly volumes = new Map<string, number>();
  private soloed: string | null = null;
  private sources: AudioBufferSourceNode[] = [];
  private startedAtS = 0; // audio time of the song's second 0
  private restS = 0; // where it stands while nothing plays

  constructor(
    private readonly context: BaseAudioContext,
    private readonly stems: readonly Stem[],
  ) {
    this.durationS = Math.max(0, ...stems.map(({ buffer }) => buffer.duration));
    for (const { id } of stems) {
      const fader = new GainNode(context);
      fader.connect(context.destination);
      this.faders.set(id, fader);
      this.volumes.set(id, 1);
    }
  }

  get isPlaying(): boolean {
    return this.sources.length > 0;
  }

  get positionS(): number {
    const songS = this.isPlaying ? this.context.currentTime - this.startedAtS : this.restS;
    return Math.max(0, Math.min(this.durationS, songS));
  }

  get atEnd(): boolean {
    return this.positionS >= this.durationS - END_S;
  }

  play(): void {
    const fromS = this.atEnd ? 0 : this.positionS;
    this.silence();
    const atS = this.context.currentTime + LEAD_S;
    this.startedAtS = atS - fromS;
    this.sources = this.stems.map((stem) => this.source(stem, atS, fromS));
    this.balance(0);
  }

  pause(): void {
    this.restS = this.positionS;
    this.silence();
  }

  seek(songS: number): void {
    const wasPlaying = this.isPlaying;
    this.silence();
    this.restS = Math.max(0, Math.min(this.durationS, songS));
    if (wasPlaying && !this.atEnd) this.play();
  }

  /** 0..1, as the fader stands. */
  setVolume(id: string, volume: number): void {
    this.volumes.set(id, Math.max(0, Math.min(1, volume)));
    this.balance(FADE_S);
  }

  /** One stem alone; null for all of them. */
  solo(id: string | null): void {
    this.soloed = id;
    this.balance(FADE_S);
  }

  /** How loud a stem is heard now, solo and fader together. */
  heard(id: string): number {
    const alone = this.soloed === null || this.soloed === id;
    const gain = this.stems.find((stem) => stem.id === id)?.gain ?? 0;
    return alone ? (this.volumes.get(id) ?? 0) ** 2 * gain : 0; // a fader that ears find even
  }

  close(): void {
    this.silence();
    for (const fader of this.faders.values()) fader.disconnect();
  }

  private balance(overS: number): void {
    for (const [id, fader] of this.faders) fader.gain.setTargetAtTime(this.heard(id), this.context.currentTime, overS);
  }

  private source({ id, buffer }: Stem, atS: number, fromS: number): AudioBufferSourceNode {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.faders.get(id) as GainNode);
    source.start(atS, fromS);
    return source;
  }

  private silence(): void {
    for (const source of this.sources) {
      source.stop();
      source.disconnect();
    }
    this.sources = [];
  }
}
