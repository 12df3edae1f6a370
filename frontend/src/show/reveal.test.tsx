// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { JurorSchema } from "../gen/voicejury/v1/verdict_pb";
import { inOrder } from "./jurors";
import { revealAll, sceneAt, useReveal } from "./reveal";
import { BEFORE_VERDICT, useShow } from "./state";

const juror = (persona: string) => create(JurorSchema, { persona, name: persona });
const diva = juror("diva");
const metronome = juror("metronome");
const grandmother = juror("grand-mere");
const all = [metronome, diva, grandmother];

describe("the scene", () => {
  it("lets each juror think, then speak, and the total come last", () => {
    const scenes = [0, 1, 2, 3, 4, 5, 6].map((step) => sceneAt(step, all, true));
    expect(scenes.map(({ thinking }) => thinking?.persona)).toEqual(["metronome", undefined, "diva", undefined, "grand-mere", undefined, undefined]);
    expect(scenes.map(({ speaking }) => speaking?.persona)).toEqual([undefined, "metronome", undefined, "diva", undefined, "grand-mere", undefined]);
    expect(scenes.map(({ spoken }) => spoken.length)).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect(scenes.map(({ over }) => over)).toEqual([false, false, false, false, false, false, true]);
  });

  it("leaves the floor to the last one while nobody else was heard", () => {
    expect(sceneAt(2, [metronome], false)).toMatchObject({ speaking: metronome, thinking: null, over: false });
    expect(sceneAt(0, [], false)).toMatchObject({ spoken: [], speaking: null, thinking: null, over: false });
  });

  it("keeps the order in which they spoke when the whole jury comes", () => {
    expect(inOrder([diva, metronome, grandmother], [metronome]).map(({ persona }) => persona)).toEqual(["metronome", "diva", "grand-mere"]);
  });
});

describe("the reveal", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useShow.setState({ deliberation: BEFORE_VERDICT });
  });
  afterEach(() => void vi.useRealTimers());

  const wait = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

  it("waits for nobody but the next one, and goes on where it was on another screen", () => {
    const wings = renderHook(({ heard }) => useReveal(heard, false, false), { initialProps: { heard: [] as typeof all } });
    wait(60_000);
    expect(wings.result.current.spoken).toEqual([]);
    wings.rerender({ heard: [metronome] });
    wait(1_100);
    expect(wings.result.current.speaking).toBe(metronome);
    wait(5_000);
    wings.rerender({ heard: [metronome, diva] });
    wait(50);
    expect(wings.result.current.speaking).toBe(diva); // she has thought for long enough
    wings.unmount();
    const verdict = renderHook(() => useReveal(all, true, false));
    expect(verdict.result.current).toMatchObject({ speaking: diva, over: false });
    wait(2_000);
    expect(verdict.result.current.thinking).toBe(grandmother);
    wait(1_100);
    wait(2_000);
    expect(verdict.result.current.over).toBe(true);
  });

  it("shows whoever was heard at once to who wants no motion, and to who skips", () => {
    const still = renderHook(() => useReveal([metronome, diva], false, true));
    expect(still.result.current).toMatchObject({ spoken: [metronome, diva], speaking: diva, over: false });
    const skipping = renderHook(({ heard }) => useReveal(heard, heard.length === 3, false), { initialProps: { heard: all.slice(0, 1) } });
    act(revealAll);
    expect(skipping.result.current.spoken).toEqual([metronome]);
    skipping.rerender({ heard: all });
    expect(skipping.result.current.over).toBe(true);
  });
});
