import * as m from "motion/react-m";

import type { Juror } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { Booth, type Light } from "../ui/booth";
import { JurorFace } from "../ui/juror-face";
import { punchline } from "./punchline";
import type { Scene } from "./reveal";

function lightOf(juror: Juror, index: number, { shown, thinking }: Scene): Light {
  if (index < shown) return juror.vote ? "yes" : "no";
  return index === thinking ? "thinking" : "off";
}

/** The three desks: one light after the other, one vote after the other. */
export function Panel({ jury, scene }: { jury: readonly Juror[]; scene: Scene }) {
  const { verdict } = useTexts();
  return (
    <ol className="mx-auto grid w-full max-w-3xl grid-cols-3 gap-2 md:gap-5">
      {jury.map((juror, index) => {
        const light = lightOf(juror, index, scene);
        const out = light === "yes" || light === "no";
        return (
          <li
            key={juror.persona}
            data-testid="juror"
            data-persona={juror.persona}
            data-vote={out ? light : "pending"}
            className="grid content-start gap-2 text-center"
          >
            <Booth persona={juror.persona} light={light} />
            <p className="font-display text-xl leading-none md:text-3xl">
              {juror.name}
              {out && <span className="sr-only"> : {juror.vote ? verdict.yes : verdict.no}</span>}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** Who has the floor: the juror who thinks, or the first sentence of the one who has just voted. */
export function Floor({ jury, scene }: { jury: readonly Juror[]; scene: Scene }) {
  const { verdict } = useTexts();
  const thinking = scene.thinking === null ? undefined : jury[scene.thinking];
  const speaking = scene.speaking === null ? undefined : jury[scene.speaking];
  return (
    <div aria-live="polite" className="grid content-center justify-items-center gap-3 text-center">
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
          <p className="text-2xl leading-snug font-semibold text-balance md:text-3xl">{punchline(speaking.comment)[0]}</p>
        </m.div>
      )}
    </div>
  );
}

/** All that was said, to read in one's own time. */
export function Comments({ jury }: { jury: readonly Juror[] }) {
  const { verdict } = useTexts();
  return (
    <section className="grid gap-4">
      <h2 className="text-4xl">{verdict.comments}</h2>
      <ul className="grid gap-3 lg:grid-cols-3">
        {jury.map((juror) => (
          <Comment key={juror.persona} juror={juror} />
        ))}
      </ul>
    </section>
  );
}

function Comment({ juror }: { juror: Juror }) {
  const { verdict } = useTexts();
  const [first, rest] = punchline(juror.comment);
  return (
    <li className={`grid content-start gap-3 rounded-3xl border-l-4 bg-velvet p-5 ${juror.vote ? "border-gold" : "border-miss"}`}>
      <h3 className="flex items-center gap-3 text-3xl">
        <JurorFace persona={juror.persona} mood={juror.vote ? "yes" : "no"} className="-my-3 w-16" />
        <span className="flex-1">{juror.name}</span>
        <span className={juror.vote ? "text-gold" : "text-miss"}>{juror.vote ? `✓ ${verdict.yes}` : `✕ ${verdict.no}`}</span>
      </h3>
      <p>
        <strong className="block text-xl leading-snug font-semibold">{first}</strong>
        {rest && <span className="mt-2 block text-dim">{rest}</span>}
      </p>
    </li>
  );
}
