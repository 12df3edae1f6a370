import { AnimatePresence } from "motion/react";
import * as m from "motion/react-m";
import { useEffect, useState } from "react";

import { useTexts } from "../i18n/language";
import type { LineResult, RatingName } from "../show/lines";
import { useShow } from "../show/state";

const STARS: Record<RatingName, number> = { unmeasured: 0, missed: 0, shaky: 1, good: 2, great: 3, perfect: 4 };
const COLOUR: Record<RatingName, string> = {
  unmeasured: "text-dim",
  missed: "text-miss",
  shaky: "text-near",
  good: "text-light",
  great: "text-hit",
  perfect: "text-gold",
};

const SHOWN_MS = 2_200;

/** The rating of the line that has just ended, in the margin above the highest note. */
export function Rating() {
  const { ratings, stage } = useTexts();
  const last = useShow((state) => state.stage.lastLine);
  const [gone, setGone] = useState<LineResult | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setGone(last), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [last]);
  const line = last === gone ? null : last;
  return (
    <div aria-live="polite" className="pointer-events-none absolute top-2 left-4">
      <AnimatePresence mode="popLayout">
        {line && (
          <m.p
            key={line.phrase}
            initial={{ opacity: 0, scale: 0.4, y: 20 }}
            animate={{ opacity: 1, scale: 1, y: 0 }}
            exit={{ opacity: 0 }}
            transition={{ type: "spring", stiffness: 420, damping: 18 }}
            className={`font-display text-5xl leading-none [text-shadow:0_2px_18px_rgb(12_9_20/0.9)] lg:text-7xl landscape:max-lg:text-4xl ${COLOUR[line.rating]}`}
          >
            <span className="sr-only">{stage.line(ratings[line.rating], String(line.score))}</span>
            <span aria-hidden="true">
              {ratings[line.rating]}
              <span className="ml-3 align-[0.15em] text-[0.6em] tracking-widest">{"★".repeat(STARS[line.rating])}</span>
            </span>
          </m.p>
        )}
      </AnimatePresence>
    </div>
  );
}
