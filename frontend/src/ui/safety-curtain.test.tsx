// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { DICTIONARIES, LANGUAGES, useLanguage } from "../i18n/language";
import { SafetyCurtain } from "./safety-curtain";

const Unreachable = lazy(() => Promise.reject(new TypeError("Failed to fetch dynamically imported module")));

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  useLanguage.setState({ language: "fr" });
});

describe("a part of the page that could not be fetched", () => {
  it.each(LANGUAGES)("is told with what helps instead of an empty page (%s)", async (language) => {
    const { common } = DICTIONARIES[language];
    useLanguage.setState({ language });
    render(
      <SafetyCurtain>
        <Suspense fallback={null}>
          <Unreachable />
        </Suspense>
      </SafetyCurtain>,
    );
    const told = await screen.findByRole("alert");
    expect(told.textContent).toContain(common.stuck.text);
    expect(screen.getByRole("button").textContent).toBe(common.reload);
    expect(console.warn).toHaveBeenCalledWith("the page broke:", expect.any(TypeError));
  });
});
