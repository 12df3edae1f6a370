// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { act, cleanup, render, screen } from "@testing-library/react";
import { LazyMotion, domAnimation } from "motion/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { JurorSchema, LineVerdictSchema, VerdictSchema } from "../gen/voicejury/v1/verdict_pb";
import { DICTIONARIES } from "../i18n/language";
import { BEFORE_VERDICT, useShow, type Deliberation } from "../show/state";
import { watchesOn } from "../show/performing";
import { listenersOf, toldLeftS } from "./attention";
import { faultOf } from "./faults";
import { Wings } from "./wings";

const { wings, stages } = DICTIONARIES.fr;
const session = { session_id: "s", token: "t", expires_s: 60, ice_servers: [] };

function show(change: Partial<Deliberation>): void {
  useShow.setState({ session, deliberation: { ...BEFORE_VERDICT, ...change } });
  render(
    <LazyMotion features={domAnimation}>
      <Wings />
    </LazyMotion>,
  );
}

const lights = () => Object.fromEntries(screen.getAllByTestId("juror").map((seat) => [seat.dataset.persona, seat.querySelector<HTMLElement>("[data-light]")?.dataset.light]));

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the bench at work", () => {
  it.each(Object.entries(stages))("tells the stage %s in words, never by its name", (stage, words) => {
    show({ progress: { stage, fraction: 0.3, left_s: null } });
    expect(screen.getByRole("status").textContent).toBe(words);
  });

  it("tells the time left where it is known, and nothing where it is not", () => {
    show({ progress: { stage: "separate", fraction: 0.25, left_s: 7.2 } });
    const bar = screen.getByRole("progressbar");
    expect(bar.getAttribute("aria-valuenow")).toBe("25");
    expect(bar.getAttribute("aria-valuetext")).toBe("25 %, encore 8 s environ");
    expect(screen.getByTestId("how-far").textContent).toBe("25 % · encore 8 s environ");
    expect([toldLeftS(null), toldLeftS(undefined), toldLeftS(0.4), toldLeftS(1.2)]).toEqual([null, null, null, 2]);
  });

  it("shows no share of anything before the jury has begun", () => {
    show({});
    expect(screen.getByTestId("how-far").textContent).toBe("");
  });

  it("has the place where a juror is read out before anybody has spoken", () => {
    show({});
    const floor = document.querySelector('[aria-live="polite"]');
    expect(floor?.childNodes.length).toBe(0);
    act(() => useShow.setState({ deliberation: { ...BEFORE_VERDICT, jurors: [create(JurorSchema, { persona: "diva", name: "Carlotta", vote: true, comment: "Bravo." })] } }));
    expect(document.querySelector('[aria-live="polite"]')).toBe(floor);
    expect(floor?.textContent).not.toBe("");
  });

  it("goes on watching through what passes by itself, and says so", () => {
    show({ problem: "media-unavailable" });
    expect(screen.getByRole("alert").textContent).toContain(wings.broken);
    const told = (["offline", "busy", "media-unavailable", "not-ready", "unexpected", "no-take", "take-damaged", "take-deleted", "judge-failed", "expired-token"] as const).map(watchesOn);
    expect(told).toEqual([true, true, true, true, true, false, false, false, false, false]);
  });

  it("puts the light on whoever leans over the take right now", () => {
    show({ progress: { stage: "pitch", fraction: 0.1, left_s: null } });
    expect(lights()).toEqual({ diva: "thinking", metronome: "off", "grand-mere": "off" });
    expect(listenersOf("a-new-stage")).toBeUndefined();
  });

  it("puts the score into an envelope without telling it", () => {
    const line = create(LineVerdictSchema, { text: "Ma chandelle est morte", pitch: 91 });
    show({ progress: { stage: "jury", fraction: 0.95, left_s: 1.5 }, scores: create(VerdictSchema, { total: 83.4, lines: [line] }) });
    const envelope = screen.getByTestId("envelope").textContent;
    expect(envelope).toContain(wings.envelope);
    expect(envelope).toContain("Ma chandelle est morte");
    expect(document.body.textContent).not.toMatch(/83/);
  });

  it("wakes a juror as soon as one has spoken, and shows a model's words as text alone", () => {
    const comment = "<img src=x onerror=alert(1)> Quelle voix, vraiment. **Bravo**";
    show({ progress: { stage: "jury", fraction: 0.95, left_s: null }, jurors: [create(JurorSchema, { persona: "metronome", name: "Maître Tempo", vote: true, comment })] });
    expect(lights()).toEqual({ diva: "thinking", metronome: "yes", "grand-mere": "thinking" });
    expect(screen.getByTestId("punchline").textContent).toBe("<img src=x onerror=alert(1)> Quelle voix, vraiment.");
    expect(document.querySelector("img")).toBeNull();
  });
});

describe("a take that could not be judged", () => {
  it("says why in the show's words, and offers to judge it again, to sing again and to leave", () => {
    show({ problem: "judge-failed", detail: "the jury did not answer for 600 s.", failures: 1 });
    expect(screen.getByRole("alert").textContent).toContain(wings.faults.away.text);
    expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual(["Rejuger", "Rechanter", "Coulisses"]);
    expect(document.body.textContent).not.toContain("did not answer");
  });

  it("is sorry after the third time", () => {
    show({ problem: "judge-failed", detail: "the jury broke off 12 times on this take ().", failures: 3 });
    expect(screen.getByRole("alert").textContent).toContain(wings.often.text);
    expect(screen.getByTestId("judge-again")).toBeTruthy();
  });

  it("knows the reasons that the house gives", () => {
    expect(
      [
        "the jury did not answer for 600 s.",
        "the jury refused this take: this take broke the judge 3 times",
        "This take cannot be judged.",
        "the jury refused this take: there was no room on the disk to judge this take",
        "the jury refused this take: the spool does not begin with a take's header",
        "the jury refused this take: too many takes wait for the jury",
        "the jury refused this take: the song has no notes to sing against",
        "the jury refused this take: the judge failed",
        "the jury took no take in: there was no room on the disk to judge this take.",
        "the jury took no take in: too many takes wait for the jury.",
      ].map(faultOf),
    ).toEqual(["away", "broke", "broke", "disk", "damaged", "crowded", "song", "unknown", "disk", "crowded"]);
  });
});
