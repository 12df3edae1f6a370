/** Keeps one session connected: makes peers, watches them, replaces them. The recovery path is always a new peer. */

import { asProblem, type ApiProblem } from "../api/problem";
import { firstAttempt, nextLinkState, type LinkEvent, type LinkState } from "./linkstate";
import { Peer } from "./peer";

export interface LinkEvents {
  changed(state: LinkState): void;
  message(bytes: Uint8Array, epochMs: number): void;
  /** The control channel of a new peer is open. */
  opened(): void;
  problem(problem: ApiProblem): void;
}

export interface LinkOptions {
  iceServers: RTCIceServer[];
  stream: MediaStream;
  exchange(sdp: string, resume: boolean): Promise<string>;
  events: LinkEvents;
}

const TICK_MS = 100;

export class Link {
  private state: LinkState;
  private peer: Peer | null = null;
  private resume = false;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly networkChanged = () => this.apply({ type: "network-changed" });

  constructor(private readonly options: LinkOptions) {
    this.state = firstAttempt(performance.now());
    this.timer = setInterval(() => this.apply({ type: "tick" }), TICK_MS);
    window.addEventListener("online", this.networkChanged);
    this.connect();
  }

  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    return this.peer?.send(bytes) ?? false;
  }

  /** Goes on with another microphone track, without a new connection. */
  async replaceStream(stream: MediaStream): Promise<void> {
    this.options.stream = stream;
    const [track] = stream.getAudioTracks();
    if (track) await this.peer?.replaceTrack(track);
  }

  close(): void {
    this.apply({ type: "stop" });
    clearInterval(this.timer);
    window.removeEventListener("online", this.networkChanged);
    this.drop();
  }

  private apply(event: LinkEvent): void {
    const before = this.state;
    this.state = nextLinkState(before, event, performance.now());
    if (this.state.phase === before.phase) return;
    if (this.state.phase === "waiting") this.drop();
    if (this.state.phase === "connecting") this.connect();
    this.options.events.changed(this.state);
  }

  private drop(): void {
    this.peer?.close();
    this.peer = null;
  }

  private connect(): void {
    this.drop();
    const { iceServers, stream, exchange, events } = this.options;
    const peer: Peer = new Peer({
      iceServers,
      stream,
      exchange: (sdp) => exchange(sdp, this.resume),
      events: {
        message: (bytes, epochMs) => {
          events.message(bytes, epochMs);
          this.apply({ type: "message" });
        },
        opened: () => {
          this.apply({ type: "message" });
          events.opened();
        },
        failed: () => this.apply({ type: "peer-failed" }),
      },
    });
    this.peer = peer;
    peer.connect().then(
      () => (this.resume = true),
      (error: unknown) => this.refused(peer, asProblem(error)),
    );
  }

  private refused(peer: Peer, problem: ApiProblem): void {
    if (peer !== this.peer) return;
    if (problem.code === "session-live") this.resume = true;
    else this.options.events.problem(problem);
    if (problem.fatal) return this.close();
    this.apply({ type: "peer-failed", retryAfterMs: (problem.retryAfterS ?? 0) * 1000 });
  }
}
