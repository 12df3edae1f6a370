import { describe, expect, it } from "vitest";

import type { StudioTrack } from "../api/studio";
import { needed } from "./load";

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
