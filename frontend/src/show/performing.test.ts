// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { LevelMeter } from "../live/microphone";
import { setTonight, tonight } from "./evening";
import { awaitVerdict, goHome } from "./performing";
import { useShow } from "./state";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };
const ends = (asked: readonly string[]) => asked.filter((path) => path.endsWith("/end")).length;

/** A network that answers each call like this; returns the paths that were asked for. */
function network(answer: () => Promise<Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string) => (asked.push(path), answer()));
  return asked;
}

/** An open microphone before the stage; whether the phone still listens. */
function openMicrophone(): () => boolean {
  let isOpen = true;
  const track = { onended: null, stop: () => void (isOpen = false) };
  const stream = { getTracks: () => [track] } as unknown as MediaStream;
  setTonight({ stream, meter: { close: () => undefined } as unknown as LevelMeter, act: null, player: null });
  return () => isOpen;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  goHome();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a take that cannot be ended yet", () => {
  it("leaves the next singer's microphone alone, and its own is given back", async () => {
    const asked = network(() => Promise.reject(new TypeError("no network")));
    const first = openMicrophone();
    void awaitVerdict(session);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends(asked)).toBeGreaterThan(0);
    expect(first()).toBe(true);
    goHome();
    expect(first()).toBe(false);
    const second = openMicrophone();
    const before = ends(asked);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(second()).toBe(true);
    expect(tonight()).not.toBeNull();
    expect(ends(asked)).toBe(before);
  });

  it.each(["busy", "media-unavailable", "unexpected"])("is ended later by itself: %s", async (code) => {
    const asked = network(() => Promise.resolve(new Response(JSON.stringify({ code }), { status: 503 })));
    void awaitVerdict(session);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(useShow.getState().deliberation.problem).toBe(code);
    const before = ends(asked);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ends(asked)).toBeGreaterThan(before);
  });

  it("waits as long as the server asks for", async () => {
    const headers = { "retry-after": "8" };
    const asked = network(() => Promise.resolve(new Response('{"code":"busy"}', { status: 429, headers })));
    void awaitVerdict(session);
    await vi.advanceTimersByTimeAsync(7_500);
    expect(ends(asked)).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends(asked)).toBe(2);
  });

  it.each(["no-take", "expired-token"])("is given up where that can never pass: %s", async (code) => {
    const asked = network(() => Promise.resolve(new Response(JSON.stringify({ code }), { status: 409 })));
    void awaitVerdict(session);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends(asked)).toBe(1);
    expect(useShow.getState().deliberation.problem).toBe(code);
  });
});
