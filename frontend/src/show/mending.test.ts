// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiProblem } from "../api/problem";
import { forgetRecording, hasRecording, mend, patiently } from "./mending";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };

/** A server with this session; returns what it was asked. */
function server(state: string): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string, { method }: RequestInit) => {
    asked.push(`${method} ${path.split("/").at(-1)}`);
    const status = { state, stage: null, fraction: null, left_s: null, attempt: 0, error: null };
    return Promise.resolve(new Response(JSON.stringify(status)));
  });
  return asked;
}

/** A browser whose storage answers the opening like this. */
function storage(answer: (request: { onerror?: () => void; error: Error }) => void): void {
  vi.stubGlobal("indexedDB", {
    open: () => {
      const request = { error: new Error("the disk is broken") };
      queueMicrotask(() => answer(request));
      return request;
    },
  });
}

const here = () => new AbortController().signal;

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a recording that was promised and is gone", () => {
  it("is not waited for: the judging is told at once", async () => {
    const asked = server("judging");
    await mend(session, true, here());
    expect(asked).toEqual(["GET analysis-status", "POST analyze"]);
  });

  it.each(["failed", "done"])("begins no other judging of a take that is %s", async (state) => {
    const asked = server(state);
    await mend(session, true, here());
    expect(asked).toEqual(["GET analysis-status"]);
  });

  it("is nobody's business where none was promised, or the singer has left", async () => {
    const asked = server("judging");
    await mend(session, false, here());
    await mend(session, true, AbortSignal.abort());
    expect(asked).toEqual([]);
  });
});

describe("what is asked for after the song", () => {
  beforeEach(() => void vi.useFakeTimers());

  it.each(["offline", "busy", "media-unavailable", "unexpected"] as const)("is asked for again after what passes: %s", async (code) => {
    const ask = vi.fn().mockRejectedValueOnce(new ApiProblem(code)).mockRejectedValueOnce(new ApiProblem(code, "", 5)).mockResolvedValue("here");
    const told = patiently(ask, here());
    await vi.advanceTimersByTimeAsync(5_400);
    expect(ask).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(200);
    await expect(told).resolves.toBe("here");
  });

  it.each(["no-take", "session-over", "disk-full"] as const)("is asked for once where that cannot change: %s", async (code) => {
    const ask = vi.fn().mockRejectedValue(new ApiProblem(code));
    await expect(patiently(ask, here())).rejects.toMatchObject({ code });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("is asked for no more once the singer has left, in the middle of a wait too", async () => {
    const leaving = new AbortController();
    const ask = vi.fn().mockRejectedValue(new ApiProblem("offline"));
    const told = patiently(ask, leaving.signal);
    const ended = vi.fn();
    told.catch(ended);
    await vi.advanceTimersByTimeAsync(100);
    leaving.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toHaveBeenCalledOnce();
    expect(ask).toHaveBeenCalledTimes(1);
  });
});

/** A browser that keeps ten seconds of sound of this take. */
function recorded(): void {
  const rows = [{ session_id: "s", seq: 0, songS: 0, pcm: new Int16Array(160_000).buffer, microphone: 0 }];
  const answered = (result: unknown) => {
    const request = { result, onsuccess: () => undefined };
    queueMicrotask(() => request.onsuccess());
    return request;
  };
  const store = (name: string) => ({ getAll: () => answered(name === "chunks" ? rows : []), count: () => answered(1) });
  const transaction = () => ({ objectStore: store, set oncomplete(told: () => void) { queueMicrotask(told); } });
  vi.stubGlobal("indexedDB", { open: () => answered({ transaction, close: () => undefined }) });
  vi.stubGlobal("IDBKeyRange", { bound: () => null });
}

/** A server that lacks a second of the take and answers one upload after the other like this; returns what it was asked. */
function lacking(...uploads: { status: number; body: unknown }[]): string[] {
  const asked: string[] = [];
  const replies: Record<string, unknown> = { missing: { spans: [{ start_s: 4, end_s: 5 }], margin_s: 0.5 }, "analysis-status": { state: "judging" } };
  vi.stubGlobal("fetch", (path: string, { method }: RequestInit) => {
    const name = path.split("/").at(-1) ?? "";
    asked.push(`${method} ${name}`);
    return Promise.resolve(new Response(JSON.stringify(replies[name] ?? {})));
  });
  vi.stubGlobal("XMLHttpRequest", class {
    upload = {};
    status = 0;
    responseText = "";
    onload = () => undefined;
    open = (method: string, path: string) => asked.push(`${method} ${path.split("/").at(-1)}`);
    setRequestHeader = () => undefined;
    getResponseHeader = () => null;
    send = () => {
      const reply = uploads.shift();
      if (!reply) throw new Error("one upload too many");
      Object.assign(this, { status: reply.status, responseText: JSON.stringify(reply.body) });
      queueMicrotask(() => this.onload());
    };
  });
  return asked;
}

describe("an upload of what the server lacks", () => {
  const filled = { status: 200, body: { spans: [] } };

  beforeEach(() => void vi.useFakeTimers());

  it("that stalled on a slow link is sent again", async () => {
    recorded();
    const asked = lacking({ status: 408, body: { code: "bad-request", detail: "The upload stalled; try again." } }, filled);
    const done = mend(session, true, here());
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    expect(asked).toEqual(["GET missing", "POST upload-recording", "POST upload-recording"]);
  });

  it.each([
    { status: 413, body: { code: "too-large" } },
    { status: 413, body: "<html>a proxy's own page</html>" },
    { status: 400, body: { code: "bad-request" } },
  ])("that is refused for good ($status) is settled: the judging waits for nothing", async (refused) => {
    recorded();
    const asked = lacking(refused);
    const done = mend(session, true, here());
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    expect(asked).toEqual(["GET missing", "POST upload-recording", "GET analysis-status", "POST analyze"]);
  });
});

describe("a phone's storage", () => {
  it("that fails holds nothing up", async () => {
    storage((request) => request.onerror?.());
    await expect(hasRecording(session)).resolves.toBe(false);
    await expect(forgetRecording(session)).resolves.toBeUndefined();
  });

  it("that never answers is waited for two seconds", async () => {
    vi.useFakeTimers();
    storage(() => undefined);
    const told = vi.fn();
    void hasRecording(session).then(told);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(told).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toHaveBeenCalledWith(false);
  });
});
