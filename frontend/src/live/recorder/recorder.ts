/** Records the microphone beside the connection, so that what the network loses can be sent afterwards. */

import { RecordingStore } from "./store";
import type { Cue } from "./tape";
import type { FromWorklet, ToWorklet } from "./worklet";
import workletUrl from "./worklet?worker&url";

const FLUSH_MS = 1_000;
const ready = new WeakSet<BaseAudioContext>();

export class Recorder {
  private cue: Cue | null = null;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false; // no room, or the disk takes no more: what is kept stays
  private flushed: (() => void) | null = null;

  private constructor(
    private readonly node: AudioWorkletNode,
    private source: MediaStreamAudioSourceNode,
    private readonly store: RecordingStore,
    private readonly sessionId: string,
  ) {
    node.port.onmessage = ({ data }: MessageEvent<FromWorklet>) => this.receive(data);
  }

  /** Until `gone`. Null where a browser has no worklets or no storage: the song is sung without. */
  static async open(context: AudioContext, stream: MediaStream, sessionId: string, gone: AbortSignal): Promise<Recorder | null> {
    if (!("audioWorklet" in context) || !("indexedDB" in window)) return null;
    try {
      if (!ready.has(context)) await context.audioWorklet.addModule(workletUrl);
      ready.add(context);
      const store = await RecordingStore.open();
      if (gone.aborted) return (store.close(), null);
      const options = { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" } as const;
      const node = new AudioWorkletNode(context, "recorder", options);
      const source = context.createMediaStreamSource(stream);
      source.connect(node);
      const recorder = new Recorder(node, source, store, sessionId);
      gone.addEventListener("abort", () => recorder.close(), { once: true });
      return recorder;
    } catch (error) {
      console.warn("recorder: not here:", error);
      return null;
    }
  }

  /** Call often: it costs nothing while the song's clock stays what it is. Null while the song does not play. */
  follow(zeroAtS: number | null, fromSongS: number): void {
    if (zeroAtS === (this.cue?.zeroAtS ?? null)) return;
    this.cue = zeroAtS === null ? null : { zeroAtS, fromSongS };
    this.tell({ kind: "follow", cue: this.cue });
  }

  /** Goes on with another microphone. */
  listen(stream: MediaStream): void {
    this.source.disconnect();
    this.tell({ kind: "change" });
    this.source = (this.node.context as AudioContext).createMediaStreamSource(stream);
    this.source.connect(this.node);
  }

  /** Resolves once everything recorded up to now is kept, or after a second. */
  async saved(): Promise<void> {
    const flushed = new Promise<void>((resolve) => (this.flushed = resolve));
    this.tell({ kind: "flush" });
    await Promise.race([flushed.then(() => this.writing), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
  }

  private close(): void {
    this.source.disconnect();
    this.node.port.onmessage = null;
    this.tell({ kind: "close" });
    void this.writing.finally(() => this.store.close());
  }

  private tell(message: ToWorklet): void {
    this.node.port.postMessage(message);
  }

  private receive(message: FromWorklet): void {
    if (message.kind === "flushed") return this.flushed?.();
    const chunk = { songS: message.songS, pcm: new Int16Array(message.pcm), microphone: message.microphone };
    this.writing = this.writing.then(async () => {
      if (this.stopped) return;
      try {
        if (await this.store.add(this.sessionId, chunk)) return;
        console.warn("recorder: twenty minutes are kept, no more");
      } catch (error) {
        console.warn("recorder: the phone keeps no more:", error);
      }
      this.stopped = true;
    });
  }
}
