/** The jury's bench: three desks, and who has the floor. */

import * as m from "motion/react-m";

import type { Juror } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import type { Scene } from "../show/reveal";
import { Booth, type Light } from "./booth";
import { PERSONAS } from "./juror-face";
import { punchline } from "./punchline";

/** Who leans over the take before anybody has spoken. */
type Attention = readonly string[];

function lightOf(persona: string, { spoken, thinking, over }: Scene, attention: Attention): Light {
  const vote = spoken.find((juror) => juror.persona === persona)?.vote;
  if (vote !== undefined) return vote ? "yes" : "no";
  if (thinking) return thinking.persona === persona ? "thinking" : "off";
  return !over && attention.includes(persona) ? "thinking" : "off";
}

/** The three desks in their places: one light after the other, one vote after the other. */
export function Panel({ jury, scene, attention = PERSONAS }: { jury: readonly Juror[]; scene: Scene; attention?: Attention }) {
  const { verdict } = useTexts();
  const strangers = jury.map(({ persona }) => persona).filter((persona) => !PERSONAS.includes(persona));
  return (
    <ol className="mx-auto grid w-full max-w-3xl grid-cols-3 gap-2 md:gap-5">
      {[...PERSONAS, ...strangers].map((persona) => {
        const light = lightOf(persona, scene, attention);
        const out = light === "yes" || light === "no";
        return (
          <li
            key={persona}
            data-testid="juror"
            data-persona={persona}
            data-vote={out ? light : "pending"}
            className="grid content-start gap-2 text-center"
          >
            <Booth persona={persona} light={light} />
            <p className="min-h-10 font-display text-xl leading-none md:min-h-8 md:text-3xl landscape:max-lg:min-h-15">
              {jury.find((juror) => juror.persona === persona)?.name}
              {out && <span className="sr-only"> : {light === "yes" ? verdict.yes : verdict.no}</span>}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** Who has the floor: the juror who thinks, or the first sentence of the one who has just voted. Put it there before: a region is read out when it changes. */
export function Floor({ scene: { thinking, speaking } }: { scene: Scene }) {
  const { verdict } = useTexts();
  return (
    <div aria-live="polite" className="grid content-center justify-items-center gap-3 text-center empty:sr-only">
      {thinking && (
        <p className="text-2xl text-dim">
          {thinking.name} {verdict.deciding}
        </p>
      )}
      {speaking && (
        <m.div
          key={speaking.persona}
          initial={{ opacity: 0, scale: 0.85 }}
          animate={{ opacity: 1, scale: 1 }}
          className="grid max-w-xl justify-items-center gap-3"
        >
          <p className={`font-display text-8xl leading-none ${speaking.vote ? "text-gold" : "text-miss"}`}>
            {speaking.vote ? verdict.yes : verdict.no}
          </p>
          <p data-testid="punchline" className="text-2xl leading-snug font-semibold text-balance wrap-anywhere md:text-3xl">
            {punchline(speaking.comment)[0]}
          </p>
        </m.div>
      )}
    </div>
  );
}
