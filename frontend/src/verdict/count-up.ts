/** A number that climbs to its value. */

import { useEffect, useState } from "react";

const COUNT_MS = 1_400;

/** Eased progress of the counting total, 0..1. */
export function countUp(elapsedMs: number): number {
  const part = Math.min(1, Math.max(0, elapsedMs / COUNT_MS));
  return 1 - (1 - part) ** 3;
}

/** Climbs once it may. */
export function useCountUp(value: number, running: boolean, atOnce: boolean): number {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (!running || atOnce) return;
    const startMs = performance.now();
    let frame = 0;
    const climb = () => {
      const part = countUp(performance.now() - startMs);
      setShown(value * part);
      if (part < 1) frame = requestAnimationFrame(climb);
    };
    frame = requestAnimationFrame(climb);
    return () => cancelAnimationFrame(frame);
  }, [value, running, atOnce]);
  if (!running) return 0;
  return atOnce ? value : shown;
}
