import { useTexts } from "../i18n/language";
import type { MarkedWord, WordMark } from "../show/words-heard";

// By shape and by colour: who sees no colours reads the shapes.
const SHAPES: Record<WordMark, string> = { heard: "✓", late: "↷", wrong: "✕", missing: "○" };
const LOOKS: Record<WordMark, string> = { heard: "text-hit", late: "text-near", wrong: "text-miss", missing: "text-dim" };

/** Words in their order, each with the mark of what the jury heard of it. */
export function MarkedWords({ words, label }: { words: readonly MarkedWord[]; label: string }) {
  const { wordMarks } = useTexts();
  return (
    <ul aria-label={label} className="flex flex-wrap gap-x-3 gap-y-1">
      {words.map(({ text, mark }, place) => (
        <li key={place} className={`whitespace-nowrap ${mark ? LOOKS[mark] : ""}`}>
          {mark && <span aria-hidden="true">{SHAPES[mark]}&nbsp;</span>}
          <span className={mark === "missing" ? "line-through decoration-1" : ""}>{text}</span>
          {mark && <span className="sr-only"> ({wordMarks[mark]})</span>}
        </li>
      ))}
    </ul>
  );
}
