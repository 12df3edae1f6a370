import { afterEach, describe, expect, it, vi } from "vitest";

import { followPreparation } from "./preparation";
import type { Progress } from "./session";

const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };
const WATCH_MS = 30;

const json = (document: object) => new Response(JSON.stringify(document), { headers: { "content-type": "application/json" } });
const events = (...told: [string, object][]) => {
  const text = told.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
};

/** A network behind which a stream tells this, and then the status that. */
function open(stream: () => Response, status: object): void {
  vi.stubGlobal("fetch", (path: string) => Promise.resolve(path.endsWith("/events") ? stream() : json(status)));
}

function follow(): { told: Progress[]; reached: boolean[]; end: Promise<string> } {
  const told: Progress[] = [];
  const reached: boolean[] = [];
  const sink = { progress: (progress: Progress) => void told.push(progress), reached: (is: boolean) => void reached.push(is) };
  return { told, reached, end: followPreparation(session, sink, new AbortController().signal, WATCH_MS) };
}

describe("a song that is being prepared", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("tells its stages and the time left, and ends when it can be sung", async () => {
    const separate = { stage: "separate", fraction: 0.4, left_s: 80 };
    open(() => events(["state", { state: "preparing" }], ["progress", separate], ["state", { state: "created" }]), {});
    const { told, end } = follow();
    expect(await end).toBe("created");
    expect(told).toEqual([separate]);
  });

  it("ends with what the house says went wrong, whichever way it says so", async () => {
    open(() => events(["state", { state: "failed" }], ["error", { code: "no-voice", detail: "" }]), {});
    await expect(follow().end).rejects.toMatchObject({ code: "no-voice" });
    open(() => events(["state", { state: "preparing" }]), { state: "failed", progress: null, error: { code: "too-long", detail: "" } });
    await expect(follow().end).rejects.toMatchObject({ code: "too-long" });
  });

  it("ends too where the reason is a word that this page does not know", async () => {
    open(() => events(["error", { code: "of-tomorrow", detail: "" }]), {});
    await expect(follow().end).rejects.toMatchObject({ code: "service-failed" });
  });

  it("goes on after the stream was cut, and tells that the house was out of reach", async () => {
    let calls = 0;
    vi.stubGlobal("fetch", (path: string) => {
      calls += 1;
      if (path.endsWith("/events")) return Promise.reject(new TypeError("cut"));
      if (calls < 4) return Promise.reject(new TypeError("cut"));
      return Promise.resolve(json({ state: "created", progress: null, error: null }));
    });
    const { reached, end } = follow();
    expect(await end).toBe("created");
    expect(reached).toContain(false);
  });
});
