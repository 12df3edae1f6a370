import { afterEach, describe, expect, it, vi } from "vitest";

import { followDeliberation } from "./deliberation";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };
const deaf = { progress: () => undefined, juror: () => undefined };
const WATCH_MS = 30;

const json = (document: object) => new Response(JSON.stringify(document), { headers: { "content-type": "application/json" } });

/** An event stream that stays open until it is left, and only beats. */
function heartbeats(signal: AbortSignal): Response {
  const start = (stream: ReadableStreamDefaultController) => {
    stream.enqueue(new TextEncoder().encode(": heartbeat\n\n"));
    signal.addEventListener("abort", () => stream.error(signal.reason));
  };
  return new Response(new ReadableStream({ start }), { headers: { "content-type": "text/event-stream" } });
}

/** A network behind which such a stream runs, and a status that the test tells. */
function open(status: object): void {
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    if (path.endsWith("/events")) return Promise.resolve(heartbeats(init.signal as AbortSignal));
    return Promise.resolve(json(path.endsWith("/results") ? { total: 71.5 } : status));
  });
}

describe("a stream of nothing but heartbeats", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("does not hide a verdict that the status knows", async () => {
    open({ state: "done", progress: null, error: null });
    const verdict = await followDeliberation(session, deaf, new AbortController().signal, WATCH_MS);
    expect(verdict.total).toBe(71.5);
  });

  it("does not hide that the judge failed", async () => {
    open({ state: "failed", progress: null, error: { code: "judge-failed", detail: "" } });
    await expect(followDeliberation(session, deaf, new AbortController().signal, WATCH_MS)).rejects.toMatchObject({ code: "judge-failed" });
  });

  it("is left when the singer leaves", async () => {
    open({ state: "judging", progress: null, error: null });
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 3 * WATCH_MS);
    await expect(followDeliberation(session, deaf, leaving.signal, WATCH_MS)).rejects.toBeTruthy();
  });
});
