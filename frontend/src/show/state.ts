/** The slow state of the page: what changes a few times a minute. What changes fifty times a second lives in live/. */

import { create } from "zustand";

import type { ApiCode } from "../api/problem";
import type { Progress, Session, SingingLevel } from "../api/session";
import type { SongSummary } from "../api/songs";
import type { Juror, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { LanePhrase } from "../live/melody";
import type { MicCode, MicReport } from "../live/microphone";
import type { ConnectionView, Trouble } from "./connection";
import type { LineResult } from "./lines";

export type Screen = "home" | "dressing" | "stage" | "wings" | "verdict" | "history";

export interface Dressing {
  mic: "idle" | "asking" | "granted";
  micProblem: MicCode | null;
  report: MicReport | null;
  headphones: boolean | null;
  linked: boolean;
  backingReady: boolean;
  guideReady: boolean;
  problem: ApiCode | null;
  retryS: number | null; // when it is tried again by itself, the seconds left
}

export interface OnStage {
  phrases: readonly LanePhrase[];
  phrase: number; // shown now
  score: number | null; // 0..100
  lastLine: LineResult | null;
  trouble: Trouble | null;
  connection: ConnectionView;
  paused: boolean;
  leaving: boolean; // the curtain falls, it can still be stopped
  guideVolume: number; // 0..1
}

export interface Deliberation {
  progress: Progress | null;
  jurors: Juror[];
  problem: ApiCode | null;
}

export interface Show {
  screen: Screen;
  songs: SongSummary[] | null;
  songsProblem: ApiCode | null;
  song: SongSummary | null;
  session: Session | null;
  level: SingingLevel;
  nickname: string;
  dressing: Dressing;
  stage: OnStage;
  deliberation: Deliberation;
  verdict: Verdict | null;
}

export const BEFORE_CHECK: Dressing = {
  mic: "idle",
  micProblem: null,
  report: null,
  headphones: null,
  linked: false,
  backingReady: false,
  guideReady: false,
  problem: null,
  retryS: null,
};

export const BEFORE_SONG: OnStage = {
  phrases: [],
  phrase: 0,
  score: null,
  lastLine: null,
  trouble: null,
  connection: "reconnecting",
  paused: false,
  leaving: false,
  guideVolume: 0,
};

export const BEFORE_VERDICT: Deliberation = { progress: null, jurors: [], problem: null };

export const useShow = create<Show>(() => ({
  screen: "home",
  songs: null,
  songsProblem: null,
  song: null,
  session: null,
  level: "normal",
  nickname: "",
  dressing: BEFORE_CHECK,
  stage: BEFORE_SONG,
  deliberation: BEFORE_VERDICT,
  verdict: null,
}));

export function patchDressing(change: Partial<Dressing>): void {
  useShow.setState(({ dressing }) => ({ dressing: { ...dressing, ...change } }));
}

export function patchStage(change: Partial<OnStage>): void {
  useShow.setState(({ stage }) => ({ stage: { ...stage, ...change } }));
}

export function patchDeliberation(change: Partial<Deliberation>): void {
  useShow.setState(({ deliberation }) => ({ deliberation: { ...deliberation, ...change } }));
}
