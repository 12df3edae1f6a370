// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { verdictOf } from "../api/session";
import { Level } from "../gen/voicejury/v1/live_pb";
import { LineVerdictSchema, TechniqueSchema } from "../gen/voicejury/v1/verdict_pb";
import { useLanguage } from "../i18n/language";
import { FinePrint } from "./fine-print";
import { clockOf, hasTechnique, levelName, noteName, pianoKeys, WAVE, wavePath, wordsAt } from "./technique";
import { TechniqueCard } from "./technique-card";

const WHOLE = {
  vibrato_hz: 5.9,
  vibrato_cents: 62.4,
  vibrato_share: 0.7,
  stability_cents: 7.2,
  tuning_cents: -6.1,
  scoops: 3,
  breaths: 1,
  dynamics_db: 11.6,
  longest_note_s: 3.24,
  longest_note_at_s: 65.2,
  lowest_midi: 48.1,
  highest_midi: 69.2,
};
const LINES = [{ phrase: 0, text: "Au clair de la lune", onset_s: 64, offset_s: 69 }];

afterEach(() => {
  cleanup();
  useLanguage.setState({ language: "fr" });
});

describe("the words for a voice", () => {
  it("name the A of 440 Hz as each country does", () => {
    expect([noteName(69, "fr"), noteName(69.3, "en"), noteName(60, "en"), noteName(46, "fr")]).toEqual(["La3", "A4", "C4", "La♯1"]);
  });

  it("tell a moment as minutes and seconds", () => expect([clockOf(65.2), clockOf(9), clockOf(-1)]).toEqual(["1:05", "0:09", "0:00"]));

  it("find the line of a moment, and none beside the lines", () => {
    const lines = [create(LineVerdictSchema, { text: "la la", onsetS: 4, offsetS: 6 })];
    expect([wordsAt(lines, 5), wordsAt(lines, 9)]).toEqual(["la la", ""]);
  });

  it("name the level", () => expect([Level.KIND, Level.NORMAL, Level.STRICT].map(levelName)).toEqual(["kind", "normal", "strict"]));
});

describe("the pictures", () => {
  it("swing as often as the voice did", () => {
    const heights = [...wavePath(6, 60).matchAll(/[ML]\d+ ([\d.]+)/g)].map(([, y]) => Number(y) - WAVE.height / 2);
    const crossings = heights.filter((y, index) => index > 0 && y < 0 !== (heights[index - 1] ?? 0) < 0).length;
    expect(Math.abs(crossings - 2 * 6 * 2 * WAVE.secondsShown)).toBeLessThanOrEqual(2);
  });

  it("light the keys from the lowest note to the highest", () => {
    const sung = pianoKeys(59.6, 64.2).filter((key) => key.sung);
    expect([sung.at(0)?.midi, sung.at(-1)?.midi, sung.length]).toEqual([60, 64, 5]);
    expect(pianoKeys(59, 64)).toHaveLength(24);
  });
});

describe("the technique on the screen", () => {
  it("tells each thing that was measured", () => {
    render(<TechniqueCard verdict={verdictOf({ technique: WHOLE, lines: LINES })} />);
    for (const text of ["5,9 Hz", "±62 cents", "3,2 s", "Do2 → La3", "±7 cents", "12 dB", "−6 cents", "3 notes prises", "1 respiration"])
      expect(screen.getByTestId("technique").textContent).toContain(text);
    expect(screen.getByTestId("technique").textContent).toContain("à 1:05, sur « Au clair de la lune »");
  });

  it("speaks English as well", () => {
    useLanguage.setState({ language: "en" });
    render(<TechniqueCard verdict={verdictOf({ technique: WHOLE, lines: LINES })} />);
    expect(screen.getByTestId("technique").textContent).toContain("C3 → A4");
  });

  it("shows nothing for what is absent", () => {
    render(<TechniqueCard verdict={verdictOf({ technique: { stability_cents: 12 } })} />);
    expect(screen.getAllByRole("heading", { level: 3 }).map(({ textContent }) => textContent)).toEqual(["Tenue"]);
    expect(screen.getByTestId("technique").textContent).not.toMatch(/Hz|dB|respiration|NaN|undefined/);
  });

  it("is not there for a silent take, nor for a verdict of an older house", () => {
    render(<TechniqueCard verdict={verdictOf({ technique: { scoops: 0, breaths: 0 } })} />);
    render(<TechniqueCard verdict={verdictOf({ total: 50 })} />);
    expect(screen.queryByTestId("technique")).toBeNull();
    expect(hasTechnique(create(TechniqueSchema, { breaths: 2 }))).toBe(false);
  });
});

describe("the fine print", () => {
  it("tells luck, level and key", () => {
    render(<FinePrint verdict={verdictOf({ level: "LEVEL_STRICT", key_free: false, chance_pitch: 0.118, chance_rhythm: 0.2, clock_drift_ppm: 130 })} />);
    const text = screen.getByRole("list").textContent;
    for (const part of ["12 % de justesse, 20 % de rythme", "Sans pitié · tonalité écrite", "130 ppm"]) expect(text).toContain(part);
  });

  it("is silent on luck and drift where there is none", () => {
    render(<FinePrint verdict={verdictOf({ key_free: true, clock_drift_ppm: 4 })} />);
    expect(screen.getByRole("list").textContent).not.toMatch(/hasard|ppm/);
    expect(screen.getByRole("list").textContent).toContain("tonalité libre");
  });
});
