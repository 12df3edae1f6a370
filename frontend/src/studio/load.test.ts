import { describe, expect, it } from "vitest";

import type { StudioTrack } from "../api/studio";
import { missingTake, needed } from "./load";

function track(owner: StudioTrack["owner"], name: StudioTrack["name"]): StudioTrack {
  return { owner, name, url: `/${owner}/${name}`, duration_s: 10, gain_db: 0 };
}

function namesOf(tracks: StudioTrack[]): string[] {
  return needed(tracks).map(({ owner, name }) => `${owner}-${name}`);
}

describe("the stems that a mixer needs", () => {
  it("are the parts of a recording, not the whole beside them", () => {
    const song = [track("ref", "original"), track("ref", "vocals"), track("ref", "instrumentals")];
    expect(namesOf(song)).toEqual(["ref-vocals", "ref-instrumentals"]);
  });
  it("are the whole recording where it has no parts", () => {
    expect(namesOf([track("ref", "original"), track("user", "original")])).toEqual(["user-original", "ref-original"]);
  });
  it("hold the take as it was sung until its voice was separated", () => {
    expect(namesOf([track("user", "original"), track("user", "vocals")])).toEqual(["user-vocals"]);
    expect(namesOf([track("user", "original"), track("user", "instrumentals")])).toEqual(["user-instrumentals", "user-original"]);
  });
  it("are none where everything was erased", () => expect(namesOf([])).toEqual([]));
});

describe("a take that cannot be heard", () => {
  const reasoned = (reason: string) => missingTake({ tracks: [track("ref", "original")], missing: [{ owner: "user", name: "original", reason }] });
  it("says why", () => expect([reasoned("not-ready"), reasoned("no-take"), reasoned("take-deleted")]).toEqual(["not-ready", "no-take", "take-deleted"]));
  it("is not missing where its voice is there", () => {
    expect(missingTake({ tracks: [track("user", "vocals")], missing: [{ owner: "user", name: "instrumentals", reason: "not-separated" }] })).toBeNull();
  });
});
