/** A juror at the desk, under a light of their own. */

import * as m from "motion/react-m";

import { JurorFace, type Mood } from "./juror-face";

export type Light = "off" | "thinking" | "yes" | "no";

const MOOD: Record<Light, Mood> = { off: "thinking", thinking: "thinking", yes: "yes", no: "no" };

export function Booth({ persona, light, className = "" }: { persona: string; light: Light; className?: string }) {
  return (
    <div aria-hidden="true" data-light={light} className={`booth ${className}`}>
      <JurorFace persona={persona} mood={MOOD[light]} className={`booth-face ${light === "thinking" ? "thinking" : ""}`} />
      <div className="booth-desk">
        <Buzzer light={light} />
      </div>
    </div>
  );
}

function Buzzer({ light }: { light: Light }) {
  if (light === "off" || light === "thinking") return <span className="buzzer" />;
  return (
    <m.span
      initial={{ scale: 2.6, opacity: 0 }}
      animate={{ scale: 1, opacity: 1 }}
      transition={{ type: "spring", stiffness: 520, damping: 17 }}
      className="buzzer"
    >
      {light === "yes" ? "✓" : "✕"}
    </m.span>
  );
}
