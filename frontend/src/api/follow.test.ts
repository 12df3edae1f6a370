import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { follow } from "./follow";
import { ApiProblem } from "./problem";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };

/** Event streams that beat until they are left, or until `restart`; then no server is there. */
function server() {
  let isUp = true;
  const streams = new Set<ReadableStreamDefaultController>();
  vi.stubGlobal("fetch", () => {
    if (!isUp) return Promise.reject(new TypeError("connection refused"));
    const start = (stream: ReadableStreamDefaultController) => {
      streams.add(stream);
      stream.enqueue(new TextEncoder().encode(": heartbeat\n\n"));
    };
    return Promise.resolve(new Response(new ReadableStream({ start }), { headers: { "content-type": "text/event-stream" } }));
  });
  return {
    isUp: () => isUp,
    goDown: () => {
      isUp = false;
      for (const stream of streams) stream.error(new TypeError("connection reset"));
    },
    comeBack: () => void (isUp = true),
  };
}

describe("what takes long", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("survives a restart of the server after minutes of one stream", async () => {
    const { isUp, goDown, comeBack } = server();
    let told: string | null = null;
    const poll = () => (isUp() ? Promise.resolve(told) : Promise.reject(new ApiProblem("offline")));
    const outcome = follow(session, { take: () => null, poll }, new AbortController().signal);
    const ended = vi.fn();
    outcome.then(ended, ended);
    await vi.advanceTimersByTimeAsync(300_000);
    goDown();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ended).not.toHaveBeenCalled();
    comeBack();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ended).not.toHaveBeenCalled();
    goDown();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ended).not.toHaveBeenCalled();
    comeBack();
    told = "ready";
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ended).toHaveBeenCalledWith("ready");
  });

  it("is given up two minutes after the server's last word", async () => {
    const { isUp, goDown } = server();
    const poll = () => (isUp() ? Promise.resolve(null) : Promise.reject(new ApiProblem("offline")));
    const ended = vi.fn();
    follow(session, { take: () => null, poll }, new AbortController().signal).catch(ended);
    await vi.advanceTimersByTimeAsync(60_000);
    goDown();
    await vi.advanceTimersByTimeAsync(130_000);
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ code: "offline" }));
  });
});
