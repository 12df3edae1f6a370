import { describe, expect, it } from "vitest";

import { largest } from "./fit";

describe("the size of a line", () => {
  it("is the largest that fits, never above the most nor below the least", () => {
    expect(largest(26, 92, (size) => size <= 57)).toBe(57);
    expect(largest(26, 92, () => true)).toBe(92);
    expect(largest(26, 92, () => false)).toBe(26);
  });
});
