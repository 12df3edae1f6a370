/** The slow state of the page: what changes a few times a minute. What changes fifty times a second lives in live/. */

import { create } from "zustand";

import type { ApiCode } from "../api/problem";
import type { Ability } from "../api/abilities";
import type { SearchedSource, Track } from "../api/search";
import type { Choice, Progress, Session, SingingLevel } from "../api/session";
import type { SongSummary } from "../api/songs";
import type { ReferenceConfidence } from "../gen/voicejury/v1/song_pb";
import type { Juror, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { LanePhrase } from "../live/melody";
import type { MicCode, MicReport } from "../live/microphone";
import type { ConnectionView, Trouble } from "./connection";
import type { LineResult } from "./lines";
import type { HeardLine } from "./words-heard";

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
  heard: HeardLine | null; // the words of the line that was heard last
  trouble: Trouble | null;
  connection: ConnectionView;
  paused: boolean;
  leaving: boolean; // the curtain falls, it can still be stopped
  guideVolume: number; // 0..1
}

/** What the network lost is sent from the phone's own recording. */
export interface Mending {
  readonly seconds: number; // of the song
  readonly fraction: number; // 0..1 of the way
}

/** How far the evening has come: two steps a juror, in the order in which they spoke. */
export interface Reveal {
  readonly step: number;
  readonly sinceMs: number | null; // null before anybody has spoken
}

export interface Deliberation {
  mending: Mending | null;
  progress: Progress | null;
  scores: Verdict | null; // the verdict before its jury has spoken
  jurors: Juror[]; // in the order in which they spoke
  reveal: Reveal;
  problem: ApiCode | null;
  detail: string; // of the problem, in English; never shown as it is
  failures: number; // how often this take could not be judged
}

export interface Search {
  query: string;
  phase: "idle" | "waiting" | "found" | "failed";
  tracks: readonly Track[];
  sources: readonly SearchedSource[];
  problem: ApiCode | null;
  retryS: number | null; // when it is asked again by itself, the seconds left
  recent: readonly string[] | null; // null until it is known
}

/** The way of a song that the house does not have yet. */
export interface Preparing {
  phase: "asking" | "preparing" | "ready" | "failed";
  progress: Progress | null;
  reached: boolean; // false: the house cannot be reached, it goes on without us
  problem: ApiCode | null;
  retryS: number | null; // when it is tried again by itself, the seconds left
}

/** How far the words were moved by ear. */
export interface WordsOffset {
  offsetS: number; // positive: they come later
  keeping: "kept" | "keeping" | "lost"; // with the server
}

export interface Show {
  screen: Screen;
  songs: SongSummary[] | null;
  songsProblem: ApiCode | null;
  search: Search;
  abilities: readonly Ability[] | null;
  song: SongSummary | null;
  choice: Choice | null; // what a session is asked for
  trackId: string | null; // of the search's track, where the song came from one
  preparing: Preparing | null; // null for what the house has already
  confidence: ReferenceConfidence | null; // of the song's reference, where it was not written by hand
  keyShiftSemitones: number;
  tempo: number;
  words: WordsOffset;
  session: Session | null;
  level: SingingLevel;
  forChildren: boolean; // the jury speaks to a child
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
  heard: null,
  trouble: null,
  connection: "reconnecting",
  paused: false,
  leaving: false,
  guideVolume: 0,
};

export const BEFORE_REVEAL: Reveal = { step: 0, sinceMs: null };

export const BEFORE_VERDICT: Deliberation = {
  mending: null,
  progress: null,
  scores: null,
  jurors: [],
  reveal: BEFORE_REVEAL,
  problem: null,
  detail: "",
  failures: 0,
};

export const NO_SEARCH: Search = { query: "", phase: "idle", tracks: [], sources: [], problem: null, retryS: null, recent: null };

export const ASKING: Preparing = { phase: "asking", progress: null, reached: true, problem: null, retryS: null };

export const WORDS_IN_PLACE: WordsOffset = { offsetS: 0, keeping: "kept" };

export const useShow = create<Show>(() => ({
  screen: "home",
  songs: null,
  songsProblem: null,
  search: NO_SEARCH,
  abilities: null,
  song: null,
  choice: null,
  trackId: null,
  preparing: null,
  confidence: null,
  keyShiftSemitones: 0,
  tempo: 1,
  words: WORDS_IN_PLACE,
  session: null,
  level: "normal",
  forChildren: false,
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

export function patchSearch(change: Partial<Search>): void {
  useShow.setState(({ search }) => ({ search: { ...search, ...change } }));
}

/** Nothing where no song is being prepared any more: a late answer must not bring it back. */
export function patchPreparing(change: Partial<Preparing>): void {
  useShow.setState(({ preparing }) => ({ preparing: preparing && { ...preparing, ...change } }));
}
