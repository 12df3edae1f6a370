import { AnimatePresence } from "motion/react";
import * as m from "motion/react-m";

import { useTexts } from "../i18n/language";
import type { RatingName } from "../show/lines";
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

/** The rating of the line that has just ended, at the lane's corner. */
export function Rating() {
  const { ratings, stage } = useTexts();
  const line = useShow((state) => state.stage.lastLine);
  return (
    <div aria-live="polite" className="pointer-events-none absolute top-2 right-3 text-right">
      <AnimatePresence mode="popLayout">
        {line && (
          <m.p
            key={line.phrase}
            initial={{ opacity: 0, scale: 0.4, y: 20 }}
            animate={{ opacity: 1, scale: 1, y: 0 }}
            exit={{ opacity: 0 }}
            transition={{ type: "spring", stiffness: 420, damping: 18 }}
            className={`font-display text-4xl md:text-5xl ${COLOUR[line.rating]}`}
          >
            <span className="sr-only">{stage.line(ratings[line.rating], String(line.score))}</span>
            <span aria-hidden="true">
              {ratings[line.rating]}
              <span className="block text-xl">{"★".repeat(STARS[line.rating])}</span>
            </span>
          </m.p>
        )}
      </AnimatePresence>
    </div>
  );
}
