import { describe, expect, it } from "vitest";

import type { LaneNote } from "../live/melody";
import { AHEAD_S, laneView, laneX, laneY, voiceWidth } from "./geometry";

const note = (midi: number, look: LaneNote["look"] = "normal"): LaneNote => ({
  phrase: 0,
  index: 0,
  onset_s: 0,
  offset_s: 1,
  midi,
  look,
});

const view = laneView(460, 200, [note(60), note(67)]);

describe("the lane", () => {
  it("shows the notes of the next three seconds", () => {
    expect(laneX(view, AHEAD_S, 0)).toBeCloseTo(view.width);
  });

  it("has the sounding second under the playhead", () => {
    expect(laneX(view, 12.5, 12.5)).toBe(view.playheadX);
  });

  it("puts higher notes higher", () => {
    expect(laneY(view, 67)).toBeLessThan(laneY(view, 60));
  });

  it("keeps a voice far from the song inside the lane", () => {
    expect(laneY(view, 120)).toBeGreaterThanOrEqual(0);
    expect(laneY(view, 0)).toBeLessThanOrEqual(view.height);
  });

  it("does not let spoken notes, whose pitch means nothing, stretch the range", () => {
    expect(laneView(460, 200, [note(60), note(67), note(3, "spoken")]).lowMidi).toBe(view.lowMidi);
  });

  it("has a range even for a song without notes", () => {
    expect(laneView(460, 200, []).pxPerSemitone).toBeGreaterThan(0);
  });

  it("draws a loud voice thicker than a soft one", () => {
    expect(voiceWidth(-15)).toBeGreaterThan(voiceWidth(-40));
    expect(voiceWidth(-90)).toBe(voiceWidth(-60));
  });
});
