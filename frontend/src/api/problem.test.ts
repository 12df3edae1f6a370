import { describe, expect, it } from "vitest";

import { ApiProblem, apiCode, asProblem, problemOf } from "./problem";

describe("a problem", () => {
  it("keeps the server's code and the wait of a full house", async () => {
    const headers = { "retry-after": "4", "content-type": "application/problem+json" };
    const problem = await problemOf(new Response('{"code":"busy","detail":"full"}', { status: 503, headers }));
    expect([problem.code, problem.retryAfterS]).toEqual(["busy", 4]);
  });

  it("is unexpected when the answer is no problem document", async () => {
    expect((await problemOf(new Response("<html>", { status: 502 }))).code).toBe("unexpected");
    expect(apiCode("brand-new-code")).toBe("unexpected");
  });

  it("is told by its status where the server means the link, or a proxy answered before it", async () => {
    const stalled = new Response('{"code":"bad-request","detail":"The upload stalled; try again."}', { status: 408 });
    expect((await problemOf(stalled)).code).toBe("offline");
    expect((await problemOf(new Response("<html>", { status: 413 }))).code).toBe("too-large");
  });

  it("is called offline when no answer came at all", () => {
    expect(asProblem(new TypeError("Failed to fetch")).code).toBe("offline");
  });

  it("ends the attempts only where offering again cannot help", () => {
    expect(new ApiProblem("expired-token").fatal).toBe(true);
    expect(new ApiProblem("media-unavailable").fatal).toBe(false);
  });
});
