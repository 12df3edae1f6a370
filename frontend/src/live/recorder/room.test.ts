import { describe, expect, it } from "vitest";

import { expired, MAX_AGE_MS, toDrop, type KeptTake } from "./room";

const take = (session_id: string, began_ms: number, bytes: number): KeptTake => ({ session_id, began_ms, bytes });

describe("the room for recordings", () => {
  it("is made by the oldest takes, and by no more of them than are needed", () => {
    const takes = [take("b", 2, 40), take("own", 3, 30), take("a", 1, 40)];
    expect(toDrop(takes, "own", 5, 120)).toEqual([]);
    expect(toDrop(takes, "own", 20, 120)).toEqual(["a"]);
    expect(toDrop(takes, "own", 60, 120)).toEqual(["a", "b"]);
  });

  it("ends where the take alone fills it: what was recorded stays", () => {
    expect(toDrop([take("a", 1, 10), take("own", 2, 100)], "own", 30, 120)).toBeNull();
  });

  it("is free again after two hours", () => {
    expect(expired([take("old", 0, 1), take("new", 10, 1)], MAX_AGE_MS + 5)).toEqual(["old"]);
  });
});
