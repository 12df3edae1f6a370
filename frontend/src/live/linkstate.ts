/**
 * When to believe in a connection and when to make a new one. Pure: events and the time in, the next state out.
 *
 *   connecting --message--> up --1.5 s silence--> lost --message--> up
 *   connecting, up, lost --failure, 6.5 s silence, new network--> waiting --backoff over--> connecting
 *   any --fatal, stop--> over
 */

import { backoffMs } from "./backoff";

export const LOST_AFTER_MS = 1_500;
export const RECONNECT_AFTER_MS = 6_500;
export const CONNECT_TIMEOUT_MS = 12_000;

export type LinkPhase = "connecting" | "up" | "lost" | "waiting" | "over";

export interface LinkState {
  readonly phase: LinkPhase;
  readonly attempt: number; // failed attempts since the last message
  readonly since_ms: number; // when the phase began
  readonly heard_ms: number; // when the last message came
  readonly retry_ms: number; // when waiting ends
  readonly everUp: boolean;
}

export type LinkEvent =
  | { type: "message" }
  | { type: "tick" }
  | { type: "peer-failed"; retryAfterMs?: number }
  | { type: "network-changed" }
  | { type: "stop" };

export function firstAttempt(nowMs: number): LinkState {
  return { phase: "connecting", attempt: 0, since_ms: nowMs, heard_ms: nowMs, retry_ms: 0, everUp: false };
}

function wait(state: LinkState, nowMs: number, delayMs: number): LinkState {
  return { ...state, phase: "waiting", attempt: state.attempt + 1, since_ms: nowMs, retry_ms: nowMs + delayMs };
}

function enter(state: LinkState, phase: LinkPhase, nowMs: number): LinkState {
  return state.phase === phase ? state : { ...state, phase, since_ms: nowMs };
}

function afterTick(state: LinkState, nowMs: number): LinkState {
  const silenceMs = nowMs - state.heard_ms;
  switch (state.phase) {
    case "up":
      return silenceMs >= LOST_AFTER_MS ? enter(state, "lost", nowMs) : state;
    case "lost":
      return silenceMs >= RECONNECT_AFTER_MS ? wait(state, nowMs, 0) : state;
    case "connecting":
      return nowMs - state.since_ms >= CONNECT_TIMEOUT_MS ? wait(state, nowMs, backoffMs(state.attempt)) : state;
    case "waiting":
      return nowMs >= state.retry_ms ? enter(state, "connecting", nowMs) : state;
    case "over":
      return state;
    default:
      return state.phase satisfies never;
  }
}

function afterNetworkChange(state: LinkState, nowMs: number): LinkState {
  // The first backoff collapses: a new network deserves a try at once.
  return { ...wait(state, nowMs, backoffMs(0)), attempt: 0 };
}

export function nextLinkState(state: LinkState, event: LinkEvent, nowMs: number): LinkState {
  if (state.phase === "over") return state;
  switch (event.type) {
    case "message":
      if (state.phase === "waiting") return state;
      return { ...enter(state, "up", nowMs), attempt: 0, heard_ms: nowMs, everUp: true };
    case "tick":
      return afterTick(state, nowMs);
    case "peer-failed":
      if (state.phase === "waiting") return state;
      return wait(state, nowMs, Math.max(event.retryAfterMs ?? 0, backoffMs(state.attempt)));
    case "network-changed":
      return afterNetworkChange(state, nowMs);
    case "stop":
      return enter(state, "over", nowMs);
    default:
      return event satisfies never;
  }
}
