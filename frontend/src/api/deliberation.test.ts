import { afterEach, describe, expect, it, vi } from "vitest";

import { followDeliberation } from "./deliberation";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };
const deaf = { progress: () => undefined, scores: () => undefined, juror: () => undefined };
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
    open({ state: "done", stage: null, fraction: null, left_s: null, attempt: 0, error: null });
    const verdict = await followDeliberation(session, deaf, new AbortController().signal, WATCH_MS);
    expect(verdict.total).toBe(71.5);
  });

  it("does not hide that the judge failed", async () => {
    open({ state: "failed", stage: null, fraction: null, left_s: null, attempt: 0, error: { code: "judge-failed", detail: "" } });
    await expect(followDeliberation(session, deaf, new AbortController().signal, WATCH_MS)).rejects.toMatchObject({ code: "judge-failed" });
  });

  it("is left when the singer leaves", async () => {
    open({ state: "judging", stage: null, fraction: null, left_s: null, attempt: 0, error: null });
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 3 * WATCH_MS);
    await expect(followDeliberation(session, deaf, leaving.signal, WATCH_MS)).rejects.toBeTruthy();
  });
});

/** A network whose event stream tells this and ends, or cannot be opened. */
function telling(frames: readonly [string, object][] | null, status: object): void {
  vi.stubGlobal("fetch", (path: string) => {
    if (path.endsWith("/results")) return Promise.resolve(json({ total: 64 }));
    if (!path.endsWith("/events")) return Promise.resolve(json(status));
    if (frames === null) return Promise.reject(new TypeError("connection refused"));
    const text = frames.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
    return Promise.resolve(new Response(text, { headers: { "content-type": "text/event-stream" } }));
  });
}

/** Writes down what it is told. */
function scribe() {
  const told: unknown[] = [];
  const sink = {
    progress: (progress: object) => void told.push(progress),
    scores: ({ total }: { total?: number }) => void told.push(["scores", total]),
    juror: ({ persona }: { persona: string }) => void told.push(persona),
  };
  return { told, sink };
}

describe("a deliberation", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("is told step by step: how far with the time left, the scores, each juror, then the verdict", async () => {
    const { told, sink } = scribe();
    telling(
      [
        ["progress", { stage: "JUDGE_STAGE_SEPARATE", fraction: 0.04, left_s: 3.5 }],
        ["scores", { total: 64, jury: [] }],
        ["juror", { persona: "metronome", vote: true }],
        ["verdict", { total: 64 }],
      ],
      {},
    );
    const verdict = await followDeliberation(session, sink, new AbortController().signal);
    expect(told).toEqual([{ stage: "separate", fraction: 0.04, left_s: 3.5 }, ["scores", 64], "metronome"]);
    expect(verdict.total).toBe(64);
  });

  it("goes on by the status of the analysis where no stream can be opened", async () => {
    const { told, sink } = scribe();
    const status = { state: "judging", stage: "pitch", fraction: 0.2, left_s: 9, attempt: 0, error: null };
    telling(null, status);
    setTimeout(() => telling(null, { ...status, state: "done", stage: null }), 300);
    const verdict = await followDeliberation(session, sink, new AbortController().signal);
    expect(told).toEqual([{ stage: "pitch", fraction: 0.2, left_s: 9 }]);
    expect(verdict.total).toBe(64);
  });
});
