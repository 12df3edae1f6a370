/** The order of the evening: each juror thinks, then votes and speaks; the total comes last. */

import { useEffect, useState } from "react";

const THINK_MS = 1_000;
const SPEAK_MS = 1_900;
const COUNT_MS = 1_400;

export interface Scene {
  /** Jurors whose vote is out. */
  readonly shown: number;
  /** Who thinks now, and who has just voted and speaks. */
  readonly thinking: number | null;
  readonly speaking: number | null;
  readonly totalOut: boolean;
}

/** Two steps a juror: even ones think, odd ones speak. */
export function sceneAt(step: number, jurors: number): Scene {
  const juror = step >> 1;
  if (juror >= jurors) return { shown: jurors, thinking: null, speaking: null, totalOut: true };
  const speaks = step % 2 === 1;
  return {
    shown: speaks ? juror + 1 : juror,
    thinking: speaks ? null : juror,
    speaking: speaks ? juror : null,
    totalOut: false,
  };
}

export function useReveal(jurors: number, atOnce: boolean): Scene & { skip(): void } {
  const [step, setStep] = useState(0);
  const last = 2 * jurors;
  const reached = atOnce ? last : step;
  useEffect(() => {
    if (reached >= last) return;
    const timer = setTimeout(() => setStep(reached + 1), reached % 2 === 0 ? THINK_MS : SPEAK_MS);
    return () => clearTimeout(timer);
  }, [reached, last]);
  return { ...sceneAt(reached, jurors), skip: () => setStep(last) };
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
