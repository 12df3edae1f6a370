import type { Remark } from "../i18n/kinds";
import { useTexts } from "../i18n/language";
import { trustOf } from "../show/preparation-words";

/** How far the reference can be trusted: stars, words, and what to know about it. */
export function ConfidenceWords({ overall, remarks }: { overall: number; remarks: readonly string[] }) {
  const { confidence } = useTexts();
  const { trust } = trustOf(overall);
  const known = remarks.map((remark) => confidence.remarks[remark as Remark] as string | undefined).filter(Boolean);
  return (
    <div data-testid="confidence" data-trust={trust}>
      <p>
        <Stars overall={overall} /> <span>{confidence.title} {confidence.words[trust]}</span>
      </p>
      {known.length > 0 && <p className="text-dim">{confidence.but(known.join(", "))}</p>}
    </div>
  );
}

export function Stars({ overall }: { overall: number }) {
  const { confidence } = useTexts();
  const { stars, trust } = trustOf(overall);
  return (
    <span role="img" aria-label={confidence.label(stars, confidence.words[trust])} className="tracking-widest whitespace-nowrap text-gold">
      {"★".repeat(stars)}
      <span className="text-edge">{"★".repeat(5 - stars)}</span>
    </span>
  );
}
