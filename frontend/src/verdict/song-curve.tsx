import { useMemo, useState } from "react";

import type { LineVerdict, Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { extremes, lineScore } from "../show/extremes";
import { Curve } from "../ui/curve";
import { dotsOf, gapsOf, lostS } from "./lines";
import { LineDetail } from "./line-detail";

const PX_PER_S = 14; // a long song scrolls sideways rather than becoming noise

/** The whole song, sung over written, and its lines: tap one to hear it and see its notes. */
export function SongCurve({ verdict }: { verdict: Verdict }) {
  const texts = useTexts();
  const [chosen, setChosen] = useState<number | null>(null);
  const dots = useMemo(() => dotsOf(verdict), [verdict]);
  const { best, weakest } = extremes(verdict.lines);
  const line = verdict.lines.find(({ phrase }) => phrase === chosen);
  const gaps = useMemo(() => gapsOf(verdict.lines), [verdict]);
  const summary = [
    texts.verdict.curveText(String(Math.round(verdict.coverage * 100)), verdict.lines.length),
    best ? texts.verdict.curveBest(best.text) : "",
    weakest ? texts.verdict.curveWeakest(weakest.text) : "",
    gaps.length > 0 ? texts.verdict.curveGaps(gaps.length, texts.common.seconds(lostS(gaps))) : "",
  ]
    .filter(Boolean)
    .join(" ");
  const width = (dots.at(-1)?.songS ?? 0) * PX_PER_S;
  return (
    <section className="grid gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h2 className="text-4xl">{texts.verdict.curve}</h2>
        <p className="flex gap-4 text-base text-dim">
          <Key stroke="stroke-hit" width={3} words={texts.verdict.sung} />
          <Key stroke="stroke-edge" width={11} words={texts.verdict.written} />
          {gaps.length > 0 && <Key stroke="stroke-miss" width={10} dashed words={texts.verdict.gap} />}
        </p>
      </div>
      {dots.length > 1 && (
        <div tabIndex={0} role="group" aria-label={texts.verdict.curve} className="overflow-x-auto rounded-3xl bg-velvet">
          <div className="h-56 min-w-full" style={{ width }}>
            <Curve
              dots={dots}
              label={summary}
              lit={line ? { fromS: line.onsetS, toS: line.offsetS } : null}
              gaps={gaps}
              className="size-full"
            />
          </div>
        </div>
      )}
      <p>{summary}</p>
      <p className="text-dim">{texts.verdict.curveHint}</p>
      <ul className="grid gap-2">
        {verdict.lines.map((entry) => (
          <li key={entry.phrase}>
            <LineRow
              line={entry}
              mark={entry === best ? texts.verdict.best : entry === weakest ? texts.verdict.weakest : null}
              open={entry.phrase === chosen}
              onToggle={() => setChosen(entry.phrase === chosen ? null : entry.phrase)}
            />
            {entry.phrase === chosen && <LineDetail line={entry} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Key({ stroke, width, words, dashed = false }: { stroke: string; width: number; words: string; dashed?: boolean }) {
  return (
    <span className="flex items-center gap-2">
      <svg viewBox="0 0 30 12" aria-hidden="true" className="w-8">
        <path d="M6 6h18" className={stroke} strokeWidth={width} strokeLinecap={dashed ? "butt" : "round"} strokeDasharray={dashed ? "2 4" : undefined} />
      </svg>
      {words}
    </span>
  );
}

interface RowProps {
  line: LineVerdict;
  mark: string | null;
  open: boolean;
  onToggle: () => void;
}

function LineRow({ line, mark, open, onToggle }: RowProps) {
  const texts = useTexts();
  const score = lineScore(line);
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className={`grid w-full grid-cols-[auto_1fr_auto] items-center gap-4 rounded-2xl border px-4 py-3 text-left ${open ? "border-gold bg-velvet" : "border-transparent bg-velvet/70 hover:border-edge"}`}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true" className={`size-6 ${open ? "text-gold" : "text-dim"}`}>
        <path fill="currentColor" d="M7 4v16l13-8z" />
      </svg>
      <span className="grid">
        {mark && <span className="text-base font-semibold text-gold">{mark}</span>}
        <span>{line.text}</span>
      </span>
      <span className="font-display text-3xl tabular-nums">
        {score === null ? <span className="font-text text-base text-dim">{texts.verdict.gap}</span> : Math.round(score)}
      </span>
    </button>
  );
}
