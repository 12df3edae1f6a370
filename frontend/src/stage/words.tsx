import { useLayoutEffect, useRef } from "react";

import { useTexts } from "../i18n/language";
import type { LanePhrase } from "../live/melody";
import { useShow } from "../show/state";
import type { Highlighter } from "./highlighter";
import { wordsOf } from "./syllables";

export function Words({ highlighter }: { highlighter: Highlighter }) {
  const { stage } = useTexts();
  const { phrases, phrase } = useShow((state) => state.stage);
  const current = phrases[phrase];
  const next = phrases[phrase + 1];
  if (!current || phrases.every(({ text }) => text === ""))
    return <p className="text-2xl text-dim">{stage.noLyrics}</p>;
  return (
    <div className="grid gap-3">
      <Line key={phrase} phrase={current} highlighter={highlighter} />
      <p className="min-h-[1.4em] text-xl text-dim md:text-2xl">
        {next && <span className="sr-only">{stage.next} : </span>}
        {next?.text}
      </p>
    </div>
  );
}

function Line({ phrase, highlighter }: { phrase: LanePhrase; highlighter: Highlighter }) {
  const line = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => highlighter.attach(line.current, phrase.notes), [highlighter, phrase]);
  const words = wordsOf(phrase);
  const written = words.some((word) => word.some(({ text }) => text !== ""));
  return (
    <p ref={line} className="text-[clamp(1.9rem,7.2vw,4rem)] leading-[1.12] font-semibold text-balance landscape:max-lg:text-[clamp(1.7rem,4.4vw,3rem)]">
      {!written && phrase.text}
      {written &&
        words.map((word, index) => (
          <span key={index}>
            <span className="whitespace-nowrap">
              {word.map(({ text }, part) => (
                <span key={part} className="syllable">
                  {text}
                </span>
              ))}
            </span>{" "}
          </span>
        ))}
    </p>
  );
}
