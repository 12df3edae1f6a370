import { describe, expect, it } from "vitest";

import { withOlder, type History, type PastTake } from "./history";

const page = (...ids: string[]): History => ({ takes: ids.map((take_id) => ({ take_id }) as PastTake), leaderboard: [] });

describe("an older page of the past", () => {
  it("follows what is shown, each take once", () => {
    expect(withOlder(page("c", "b"), page("b", "a")).takes.map(({ take_id }) => take_id)).toEqual(["c", "b", "a"]);
  });

  it("keeps the leaderboard that came with the first page", () => {
    const first = { ...page("c"), leaderboard: [{ rank: 1, singer: "Lola", total: 99, sung_at: "" }] };
    expect(withOlder(first, page("a")).leaderboard).toHaveLength(1);
  });
});
