/** What the house tells while somebody sings: pitch into the trace, credits to the notes, the rest to who listens. */

import type { LineScore, LineWords, LiveScore, NoteJudgement } from "../gen/voicejury/v1/live_pb";
import type { MediaStats, ToPhone } from "../gen/voicejury/v1/media_pb";
import { decode } from "./codec";
import type { Melody } from "./melody";
import type { Trace } from "./trace";

export interface JudgeEvents {
  stats(stats: MediaStats): void;
  line(score: LineScore): void;
  score(score: LiveScore): void;
  /** Of a line that is over; again where some of its words came with the next line. */
  words(words: LineWords): void;
  serverProblem(code: string): void;
}

export class Listener {
  /** Credit per note, written by the judge: NaN = not over yet, -1 = not measured. */
  readonly credits: Float32Array;
  private readonly firstNoteOfPhrase: number[] = [];

  constructor(
    melody: Melody,
    private readonly trace: Trace,
    private readonly events: JudgeEvents,
  ) {
    this.credits = new Float32Array(melody.notes.length).fill(Number.NaN);
    let first = 0;
    for (const phrase of melody.phrases) {
      this.firstNoteOfPhrase.push(first);
      first += phrase.notes.length;
    }
  }

  receive(bytes: Uint8Array, epochMs: number): void {
    const message = decode(bytes);
    if (message) this.dispatch(message.message, epochMs);
  }

  private dispatch(message: ToPhone["message"], epochMs: number): void {
    switch (message.case) {
      case "pitch":
        for (const point of message.value.points) this.trace.push(point, epochMs);
        return;
      case "note":
        return this.judgeNote(message.value);
      case "line":
        return this.events.line(message.value);
      case "score":
        return this.events.score(message.value);
      case "words":
        return this.events.words(message.value);
      case "stats":
        return this.events.stats(message.value);
      case "problem":
        console.warn("media server:", message.value.code, message.value.message);
        return this.events.serverProblem(message.value.code);
      case "pong":
      case undefined:
        return;
      default:
        message satisfies never;
    }
  }

  private judgeNote(note: NoteJudgement): void {
    const first = this.firstNoteOfPhrase[note.phrase];
    if (first !== undefined) this.credits[first + note.note] = note.measured ? note.credit : -1;
  }
}
