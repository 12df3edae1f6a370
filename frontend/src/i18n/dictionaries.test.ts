import { describe, expect, it } from "vitest";

import { API_CODES } from "../api/problem";
import { MIC_CODES } from "../live/microphone";
import { DICTIONARIES, firstLanguage, LANGUAGES } from "./language";

/** Every fixed text below a dictionary, with its path. */
function textsOf(node: unknown, path = ""): [string, string][] {
  if (typeof node === "string") return [[path, node]];
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => textsOf(value, `${path}.${key}`));
}

describe.each(LANGUAGES)("the dictionary %s", (language) => {
  const texts = DICTIONARIES[language];

  it("has no empty text but the help of a connection that needs none", () => {
    const empty = textsOf(texts).filter(([, text]) => text.trim() === "");
    expect(empty.map(([path]) => path)).toEqual([".stage.connectionHelp.ok"]);
  });

  it("tells each problem with its fix and never by its code", () => {
    const troubles = [...API_CODES.map((code) => [code, texts.api[code]] as const), ...MIC_CODES.map((code) => [code, texts.mic[code]] as const)];
    for (const [code, { text, fix }] of troubles) {
      expect(text).not.toContain(`"${code}"`);
      expect(fix.length).toBeGreaterThan(10);
    }
    expect(new Set(troubles.map(([, { text }]) => text)).size).toBe(troubles.length);
  });
});

describe("the language", () => {
  it("is French first", () => expect(firstLanguage(null)).toBe("fr"));
  it("is the one that was chosen before", () => expect(firstLanguage("en")).toBe("en"));
  it("is French when what was remembered is no language of ours", () => expect(firstLanguage("tlh")).toBe("fr"));
});
