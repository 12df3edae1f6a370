import { describe, expect, it } from "vitest";

import { Envelope, SongClock, type AudioClock } from "./clock";

const STEP_S = 0.01;

/** Audio time as browsers tell it: true time rounded down to a step. */
function stepped(trueS: number): number {
  return Math.floor(trueS / STEP_S) * STEP_S;
}

function run(clock: { read(nowMs: number): void }, audio: { currentTime: number }, fromMs: number, toMs: number, shiftS = 0) {
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 7.3) {
    audio.currentTime = stepped(nowMs / 1000 + shiftS);
    clock.read(nowMs);
  }
}

describe("the envelope of a stepped audio clock", () => {
  it("never jumps by a millisecond although the clock advances in steps of ten", () => {
    const envelope = new Envelope();
    let worstMs = 0;
    let before = Number.NaN;
    for (let nowMs = 0; nowMs < 5_000; nowMs += 7.3) {
      envelope.read(stepped(nowMs / 1000), nowMs);
      const offsetMs = envelope.audioS(nowMs) * 1000 - nowMs;
      if (nowMs > 1_000) worstMs = Math.max(worstMs, Math.abs(offsetMs - before));
      before = offsetMs;
    }
    expect(worstMs).toBeLessThan(1);
  });

  it("lies within a millisecond of the true audio time", () => {
    const envelope = new Envelope();
    for (let nowMs = 0; nowMs < 3_000; nowMs += 7.3) envelope.read(stepped(nowMs / 1000 + 5), nowMs);
    expect(Math.abs(envelope.audioS(3_000) - 8)).toBeLessThan(0.001);
  });

  it("follows at once when the audio clock really stood still for a while", () => {
    const envelope = new Envelope();
    for (let nowMs = 0; nowMs < 2_000; nowMs += 7.3) envelope.read(stepped(nowMs / 1000), nowMs);
    for (let nowMs = 2_000; nowMs < 4_500; nowMs += 7.3) envelope.read(stepped(nowMs / 1000 - 0.5), nowMs);
    expect(Math.abs(envelope.audioS(4_500) - 4)).toBeLessThan(0.002);
  });
});

describe("the song's clock", () => {
  const audioAt = (latencyS: number) => ({ currentTime: 0, outputLatency: latencyS, baseLatency: 0.005 });

  it("counts in with negative seconds and says when second 0 is heard", () => {
    const audio = audioAt(0.03);
    const clock = new SongClock(audio);
    run(clock, audio, 0, 2_000);
    clock.start(5);
    expect(clock.songS(2_000)).toBeCloseTo(-3.03, 2);
    expect(clock.heardAtMs(0, 2_000)).toBeCloseTo(5_030, -1);
  });

  it("stands still while paused and goes on from where it was", () => {
    const audio = audioAt(0);
    const clock = new SongClock(audio);
    run(clock, audio, 0, 2_000);
    clock.start(0);
    clock.stop(2_000);
    run(clock, audio, 2_000, 4_000);
    const pausedS = clock.songS(4_000);
    expect(pausedS).toBeCloseTo(2, 1);
    clock.start(4 - pausedS);
    expect(clock.songS(4_000)).toBeCloseTo(pausedS, 1);
  });

  it("falls back to the base latency where the browser tells no output latency", () => {
    const audio: AudioClock = { currentTime: 0, baseLatency: 0.02 };
    expect(new SongClock(audio).outputLatencyS).toBe(0.02);
  });
});
