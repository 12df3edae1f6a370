/** The microphone as the browser really grants it. */

export const MIC_CODES = ["insecure", "unsupported", "refused", "missing", "taken", "unexpected-mic"] as const;
export type MicCode = (typeof MIC_CODES)[number];

export class MicProblem extends Error {
  constructor(readonly code: MicCode) {
    super(code);
  }
}

export type Route = "unknown" | "wired" | "bluetooth";

export interface MicReport {
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly label: string;
  readonly route: Route;
}

// Voice processing takes a held note for noise and turns it down by 19 dB: it must be off, and said so explicitly.
const SINGING: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

const CODE_BY_NAME: Record<string, MicCode> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "taken",
  AbortError: "taken",
};

export async function openMicrophone(): Promise<MediaStream> {
  if (!window.isSecureContext) throw new MicProblem("insecure");
  if (!("mediaDevices" in navigator) || !("RTCPeerConnection" in window)) throw new MicProblem("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: SINGING });
  } catch (error) {
    throw new MicProblem(CODE_BY_NAME[(error as DOMException).name] ?? "unexpected-mic");
  }
}

/** Gives the microphone back to the phone. */
export function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}

export function routeOf(label: string): Route {
  if (/bluetooth|airpods|hands-?free|\bbuds\b|\bhfp\b/i.test(label)) return "bluetooth";
  if (/usb|wired|headset|filaire|jack/i.test(label)) return "wired";
  return "unknown";
}

/** Absent settings count as on: an unnamed processing cannot be trusted to be off. */
export function micReport(stream: MediaStream): MicReport {
  const [track] = stream.getAudioTracks();
  const settings: MediaTrackSettings = track?.getSettings() ?? {};
  const label = track?.label ?? "";
  return {
    echoCancellation: settings.echoCancellation !== false,
    noiseSuppression: settings.noiseSuppression === true,
    autoGainControl: settings.autoGainControl === true,
    sampleRateHz: settings.sampleRate ?? 0,
    channelCount: settings.channelCount ?? 0,
    label,
    route: routeOf(label),
  };
}

const SILENCE_DB = -100;

/** Loudness at the microphone for the meter; nothing else is computed from the voice here. */
export class LevelMeter {
  private readonly analyser: AnalyserNode;
  private source: MediaStreamAudioSourceNode;
  private readonly window: Float32Array<ArrayBuffer>;

  constructor(
    private readonly context: AudioContext,
    stream: MediaStream,
  ) {
    this.analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
    this.source = context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
    this.window = new Float32Array(this.analyser.fftSize);
  }

  /** RMS in dBFS over the last 21 ms at 48 kHz. */
  levelDb(): number {
    this.analyser.getFloatTimeDomainData(this.window);
    let sum = 0;
    for (let i = 0; i < this.window.length; i++) sum += (this.window[i] as number) ** 2;
    return sum === 0 ? SILENCE_DB : Math.max(SILENCE_DB, 10 * Math.log10(sum / this.window.length));
  }

  /** Goes on with another stream. */
  listen(stream: MediaStream): void {
    this.source.disconnect();
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
  }

  close(): void {
    this.source.disconnect();
  }
}
