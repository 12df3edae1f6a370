/** One singer on stage: microphone, sound, clock, connection and trace of one session, and the order in which they act. */

import type { ApiProblem } from "../api/problem";
import { postOffer, type Session } from "../api/session";
import { SongClock } from "./clock";
import { encode } from "./codec";
import { Listener, type JudgeEvents } from "./listener";
import { Link } from "./link";
import type { LinkState } from "./linkstate";
import type { Melody } from "./melody";
import { micReport, openMicrophone, release, type LevelMeter, type MicReport } from "./microphone";
import type { Player } from "./player";
import { Recorder } from "./recorder/recorder";
import { Trace } from "./trace";

export interface ActEvents extends JudgeEvents {
  link(state: LinkState): void;
  apiProblem(problem: ApiProblem): void;
  /** The backing and its tail are over. */
  finished(): void;
  /** The system took the sound or the song was paused. */
  paused(paused: boolean): void;
  micEnded(ended: boolean): void;
}

export const COUNT_IN_S = 3;
const RESUME_COUNT_IN_S = 1.5;
const TAIL_S = 0.8; // the last note's data is still on its way
const CLOCK_EVERY_MS = 2_000;
const PING_EVERY_MS = 1_000;
const READ_CLOCK_MS = 15;

export class Act {
  readonly clock: SongClock;
  readonly trace: Trace;
  private readonly listener: Listener;
  report: MicReport;
  private link: Link | null = null;
  private recorder: Recorder | null = null; // beside the link, for what the network loses
  private player: Player | null = null;
  private headphones: boolean | null = null;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private pings = 0;
  private lastClockMs = 0;
  private pausedAtS = 0;
  private toldFromS = 0;
  private finished = false;
  private readonly gone = new AbortController();
  /** One wall clock for all that is told: performance.now() stands still while a phone sleeps, so timeOrigin ages. */
  private readonly originMs = Date.now() - performance.now();

  constructor(
    readonly context: AudioContext,
    private stream: MediaStream,
    readonly meter: LevelMeter,
    readonly melody: Melody,
    private readonly events: ActEvents,
  ) {
    this.clock = new SongClock(context);
    this.trace = new Trace(melody);
    this.listener = new Listener(melody, this.trace, events);
    this.report = micReport(stream);
    this.watchTrack();
    this.timers.push(setInterval(() => this.tick(), READ_CLOCK_MS));
    this.timers.push(setInterval(() => this.ping(), PING_EVERY_MS));
    context.addEventListener("statechange", this.contextChanged);
  }

  /** Credit per note, written by the judge: NaN = not over yet, -1 = not measured. */
  get credits(): Float32Array {
    return this.listener.credits;
  }

  connect(session: Session): void {
    const opening = Recorder.open(this.context, this.stream, session.session_id, this.gone.signal);
    void opening.then((recorder) => (this.recorder = recorder));
    this.link = new Link({
      iceServers: session.ice_servers,
      stream: this.stream,
      exchange: async (sdp, resume) => (await postOffer(session, sdp, resume)).sdp,
      events: {
        changed: (state) => this.events.link(state),
        message: (bytes, epochMs) => this.listener.receive(bytes, epochMs),
        opened: () => this.introduce(),
        problem: (problem) => this.events.apiProblem(problem),
      },
    });
  }

  answerHeadphones(headphones: boolean): void {
    this.headphones = headphones;
    this.tellMicrophone();
  }

  start(player: Player): void {
    this.player = player;
    this.playFrom(0, COUNT_IN_S, -COUNT_IN_S);
  }

  pause(): void {
    if (!this.player || !this.clock.playing) return;
    this.clock.stop(performance.now());
    this.pausedAtS = Math.max(0, this.clock.songS(performance.now()));
    this.player.stop();
    this.recorder?.follow(null, 0);
    this.tellClock();
    this.events.paused(true);
  }

  async resume(): Promise<void> {
    if (!this.player || this.clock.playing) return;
    await this.context.resume();
    this.playFrom(this.pausedAtS, RESUME_COUNT_IN_S, this.pausedAtS);
    this.events.paused(false);
  }

  /** Resolves once what was recorded up to now would survive a reload. */
  async saved(): Promise<void> {
    await this.recorder?.saved();
  }

  close(): void {
    this.gone.abort();
    for (const timer of this.timers) clearInterval(timer);
    this.context.removeEventListener("statechange", this.contextChanged);
    this.link?.close();
    this.player?.stop();
    this.meter.close();
    release(this.stream);
  }

  /** Sound starts after the lead; the clock is told once the song really moves. */
  private playFrom(songS: number, leadS: number, tellFromS: number): void {
    const atS = this.context.currentTime + leadS;
    this.player?.start(atS, songS);
    this.clock.start(atS - songS);
    this.toldFromS = tellFromS;
    // In the count-in before the first second the song's time is negative; before a resumed one it waits.
    this.lastClockMs = tellFromS < 0 ? 0 : performance.now() + leadS * 1000 - CLOCK_EVERY_MS;
  }

  private tick(): void {
    const nowMs = performance.now();
    this.clock.read(nowMs);
    if (!this.clock.playing) return;
    this.recorder?.follow(this.clock.zeroAtS, this.toldFromS);
    if (nowMs - this.lastClockMs >= CLOCK_EVERY_MS) this.tellClock();
    const over = this.player !== null && this.clock.songS(nowMs) >= this.player.durationS + TAIL_S;
    if (over && !this.finished) {
      this.finished = true;
      this.events.finished();
    }
  }

  private introduce(): void {
    this.tellMicrophone();
    if (this.player && this.clock.playing) this.tellClock();
  }

  private tellClock(): void {
    const nowMs = performance.now();
    this.lastClockMs = nowMs;
    const value = {
      songS: this.clock.songS(nowMs),
      epochMs: this.originMs + nowMs,
      outputLatencyS: this.clock.outputLatencyS,
      playing: this.clock.playing,
    };
    this.link?.send(encode({ case: "clock", value }));
  }

  private tellMicrophone(): void {
    if (this.headphones === null) return;
    const { echoCancellation, noiseSuppression, autoGainControl, sampleRateHz, channelCount, route } = this.report;
    const processing = { echoCancellation, noiseSuppression, autoGainControl };
    const value = { ...processing, sampleRateHz, channelCount, route, headphones: this.headphones };
    this.link?.send(encode({ case: "mic", value }));
  }

  private ping(): void {
    this.link?.send(encode({ case: "ping", value: { seq: this.pings++, epochMs: this.originMs + performance.now() } }));
  }

  private watchTrack(): void {
    const [track] = this.stream.getAudioTracks();
    if (!track) return;
    track.onended = () => void this.reacquire();
    if (track.readyState === "ended") void this.reacquire(); // lost while the song was being prepared
  }

  /** A phone takes the microphone away (call, lock, notification): ask for it again, keep the connection. */
  private async reacquire(): Promise<void> {
    this.events.micEnded(true);
    try {
      const stream = await openMicrophone();
      if (this.gone.signal.aborted) return release(stream);
      this.stream = stream;
      this.meter.listen(stream);
      this.recorder?.listen(stream);
      this.report = micReport(this.stream);
      this.watchTrack();
      await this.link?.replaceStream(this.stream);
      this.tellMicrophone();
      this.events.micEnded(false);
    } catch {
      const options = { once: true, signal: this.gone.signal };
      document.addEventListener("visibilitychange", () => void this.reacquire(), options);
    }
  }

  // "interrupted" (iOS) is in no type yet; a resume() then would be refused, so the singer resumes by a tap.
  private readonly contextChanged = () => {
    if (this.context.state !== "running") this.pause();
  };
}
