import * as m from "motion/react-m";

import type { Juror } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { JurorFace } from "../ui/juror-face";

/** Three faces, one vote after the other. */
export function Jury({ jury, shown }: { jury: readonly Juror[]; shown: number }) {
  return (
    <ol className="grid gap-4 lg:grid-cols-3">
      {jury.map((juror, index) => (
        <JurorCard key={juror.persona} juror={juror} out={index < shown} next={index === shown} />
      ))}
    </ol>
  );
}

function JurorCard({ juror, out, next }: { juror: Juror; out: boolean; next: boolean }) {
  const { verdict } = useTexts();
  const vote = juror.vote ? "yes" : "no";
  const light = !out ? "border-transparent" : juror.vote ? "border-gold" : "border-miss";
  return (
    <li
      data-testid="juror"
      data-persona={juror.persona}
      data-vote={out ? vote : "pending"}
      className={`grid grid-cols-[auto_1fr] items-center gap-4 rounded-3xl border-2 bg-velvet p-4 lg:grid-cols-1 lg:justify-items-center lg:text-center ${light}`}
    >
      <div className="grid justify-items-center gap-2">
        <JurorFace persona={juror.persona} mood={out ? vote : "thinking"} className={`w-24 lg:w-36 ${next ? "thinking" : ""}`} />
        <Buzzer out={out} vote={juror.vote} />
      </div>
      <div aria-live="polite" className="grid min-h-24 content-center gap-1">
        <h3 className="text-3xl">{juror.name}</h3>
        {out ? (
          <m.p initial={{ opacity: 0, y: 8 }} animate={{ opacity: 1, y: 0 }}>
            <span className="sr-only">{juror.vote ? verdict.yes : verdict.no}. </span>
            {juror.comment}
          </m.p>
        ) : (
          <p className="text-dim">{verdict.deciding}</p>
        )}
      </div>
    </li>
  );
}

function Buzzer({ out, vote }: { out: boolean; vote: boolean }) {
  const { verdict } = useTexts();
  if (!out) return <span className="h-10 w-24 rounded-full bg-curtain" />;
  const look = vote ? "bg-gold text-night" : "bg-miss text-night";
  return (
    <m.span
      aria-hidden="true"
      initial={{ scale: 2.2, opacity: 0 }}
      animate={{ scale: 1, opacity: 1 }}
      transition={{ type: "spring", stiffness: 500, damping: 20 }}
      className={`grid h-10 w-24 place-items-center rounded-full font-display text-3xl leading-none ${look}`}
    >
      {vote ? `✓ ${verdict.yes}` : `✕ ${verdict.no}`}
    </m.span>
  );
}
