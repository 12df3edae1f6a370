import { describe, expect, it } from "vitest";

import { backoffMs } from "./backoff";
import { firstAttempt, nextLinkState, type LinkEvent, type LinkState } from "./linkstate";

function after(state: LinkState, ...events: [LinkEvent["type"], number][]): LinkState {
  return events.reduce((now, [type, atMs]) => nextLinkState(now, { type } as LinkEvent, atMs), state);
}

const up = after(firstAttempt(0), ["message", 100]);

describe("the connection", () => {
  it("is up with the first message", () => {
    expect(up.phase).toBe("up");
    expect(up.everUp).toBe(true);
  });

  it("is lost after 1.5 s without any message, and not before", () => {
    expect(after(up, ["tick", 1_599]).phase).toBe("up");
    expect(after(up, ["tick", 1_600]).phase).toBe("lost");
  });

  it("heals by itself when a message comes before 6.5 s", () => {
    expect(after(up, ["tick", 1_700], ["message", 6_000], ["tick", 6_100]).phase).toBe("up");
  });

  it("is made anew at once after 6.5 s of silence", () => {
    const waiting = after(up, ["tick", 1_700], ["tick", 6_600]);
    expect(waiting.phase).toBe("waiting");
    expect(after(waiting, ["tick", 6_700]).phase).toBe("connecting");
  });

  it("tries again with a longer wait after each failure", () => {
    let state = firstAttempt(0);
    const waits: number[] = [];
    for (let atMs = 0; waits.length < 7; atMs += 10_000) {
      state = after(state, ["peer-failed", atMs]);
      waits.push(state.retry_ms - atMs);
      state = after(state, ["tick", state.retry_ms]);
      expect(state.phase).toBe("connecting");
    }
    expect(waits).toEqual([300, 600, 1_200, 2_400, 4_800, 7_000, 7_000]);
  });

  it("gives up an attempt that brings nothing in 12 s", () => {
    expect(after(firstAttempt(0), ["tick", 11_999]).phase).toBe("connecting");
    expect(after(firstAttempt(0), ["tick", 12_000]).phase).toBe("waiting");
  });

  it("waits at least as long as a full house asks for", () => {
    const state = nextLinkState(firstAttempt(0), { type: "peer-failed", retryAfterMs: 5_000 }, 100);
    expect(state.retry_ms).toBe(5_100);
  });

  it("collapses the wait when the network changes", () => {
    const late = after(firstAttempt(0), ["peer-failed", 0], ["tick", 300], ["peer-failed", 400], ["tick", 1_000], ["peer-failed", 1_001]);
    const changed = after(late, ["network-changed", 1_100]);
    expect(changed.retry_ms).toBe(1_100 + backoffMs(0));
    expect(changed.attempt).toBe(0);
  });

  it("ignores a late message of a peer that was given up", () => {
    const waiting = after(up, ["peer-failed", 200]);
    expect(after(waiting, ["message", 250]).phase).toBe("waiting");
  });

  it("stays over once it was stopped", () => {
    expect(after(up, ["stop", 200], ["message", 300], ["tick", 9_000]).phase).toBe("over");
  });
});
