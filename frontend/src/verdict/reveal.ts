/** The order of the evening: each juror thinks, then votes; the total comes last. */

import { useEffect, useState } from "react";

export const THINK_MS = 1_300;
const COUNT_MS = 1_400;

export interface Reveal {
  /** Jurors whose vote is out. */
  readonly shown: number;
  readonly totalOut: boolean;
  skip(): void;
}

export function useReveal(jurors: number, atOnce: boolean): Reveal {
  const [step, setStep] = useState(0);
  const all = jurors + 1;
  const reached = atOnce ? all : step;
  useEffect(() => {
    if (reached >= all) return;
    const timer = setTimeout(() => setStep(reached + 1), THINK_MS);
    return () => clearTimeout(timer);
  }, [reached, all]);
  return { shown: Math.min(jurors, reached), totalOut: reached >= all, skip: () => setStep(all) };
}

/** Eased progress of the counting total, 0..1. */
export function countUp(elapsedMs: number): number {
  const part = Math.min(1, Math.max(0, elapsedMs / COUNT_MS));
  return 1 - (1 - part) ** 3;
}

/** A number that climbs to its value once it may. */
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
