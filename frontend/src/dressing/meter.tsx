import { useEffect, useRef, useState } from "react";

import { useTexts } from "../i18n/language";
import { tonight } from "../show/evening";

const FLOOR_DB = -60;
const LOUD_DB = -3;
const SILENT_AFTER_MS = 4_000;
const LAMPS = 24;

export function lampsLit(levelDb: number): number {
  return Math.round(Math.max(0, Math.min(1, (levelDb - FLOOR_DB) / -FLOOR_DB)) * LAMPS);
}

type Hint = "sayAh" | "silent" | "loud";

/** Bulbs around a dressing-room mirror that follow the microphone frame by frame, outside React. */
export function Meter() {
  const { dressing } = useTexts();
  const lamps = useRef<HTMLDivElement>(null);
  const [hint, setHint] = useState<Hint>("sayAh");
  useEffect(() => {
    let frame = 0;
    let heardMs = performance.now();
    let shown = -1;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const levelDb = tonight()?.meter.levelDb() ?? FLOOR_DB;
      const nowMs = performance.now();
      if (levelDb > FLOOR_DB) heardMs = nowMs;
      setHint(levelDb > LOUD_DB ? "loud" : nowMs - heardMs > SILENT_AFTER_MS ? "silent" : "sayAh");
      const lit = lampsLit(levelDb);
      const children = lamps.current?.children;
      if (!children || lit === shown) return;
      shown = lit;
      for (let i = 0; i < children.length; i++) (children[i] as HTMLElement).dataset.lit = String(i < lit);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <section className="grid gap-3 rounded-3xl bg-velvet p-5">
      <div ref={lamps} role="img" aria-label={dressing.meter} className="flex h-20 items-end justify-between gap-1">
        {Array.from({ length: LAMPS }, (_, index) => (
          <span
            key={index}
            className="flex-1 rounded-full bg-curtain data-[lit=true]:bg-gold data-[lit=true]:shadow-[0_0_12px_rgb(245_196_81/0.7)]"
            style={{ height: `${35 + (65 * index) / (LAMPS - 1)}%` }}
          />
        ))}
      </div>
      <p role="status" className={hint === "sayAh" ? "text-dim" : "font-semibold text-miss"}>
        {dressing[hint]}
      </p>
    </section>
  );
}
