/** Facts for tests and benchmarks under window.__voicejury; nothing can be changed through it. */

import type { Act } from "./act";
import type { Trace } from "./trace";

export interface DebugPoint {
  song_s: number | null;
  f0_hz: number;
  seq: number;
  at_epoch_ms: number;
  concealed: boolean;
}

const KEPT = 4_000;

function debugPoint(trace: Trace, seq: number): DebugPoint | null {
  const slot = trace.slotOf(seq);
  if (slot < 0) return null;
  const songS = trace.songS[slot] as number;
  return {
    song_s: Number.isNaN(songS) ? null : songS,
    f0_hz: trace.f0Hz[slot] as number,
    seq,
    at_epoch_ms: trace.epochMs[slot] as number,
    concealed: trace.concealed[slot] === 1,
  };
}

export interface DebugSource {
  act(): Act | null;
  state(): string;
}

export function exposeDebug(source: DebugSource): void {
  const trace = () => source.act()?.trace ?? null;
  const debug = {
    get state() {
      return source.state();
    },
    get songStartEpochMs() {
      const clock = source.act()?.clock;
      if (!clock?.playing) return null;
      return performance.timeOrigin + clock.heardAtMs(0, performance.now());
    },
    get songS() {
      return source.act()?.clock.songS(performance.now()) ?? null;
    },
    get pointsReceived() {
      return trace()?.received ?? 0;
    },
    get pointsDrawn() {
      return trace()?.drawn ?? 0;
    },
    get lastPoint() {
      const now = trace();
      return now && now.newest >= 0 ? debugPoint(now, now.newest) : null;
    },
    get points() {
      const now = trace();
      if (!now) return [];
      const points: DebugPoint[] = [];
      for (let seq = Math.max(0, now.newest - KEPT + 1); seq <= now.newest; seq++) {
        const point = debugPoint(now, seq);
        if (point) points.push(point);
      }
      return points;
    },
  };
  Object.defineProperty(window, "__voicejury", { value: Object.freeze(debug), configurable: true });
}
