import { useLayoutEffect, useRef } from "react";

import { useTexts } from "../i18n/language";
import type { LanePhrase } from "../live/melody";
import { useShow } from "../show/state";
import { useFit } from "../ui/fit";
import type { Highlighter } from "./highlighter";
import { wordsOf } from "./syllables";

/** The line sung now, as large as there is room, and the next one under it. */
export function Words({ highlighter }: { highlighter: Highlighter }) {
  const { stage } = useTexts();
  const { phrases, phrase } = useShow((state) => state.stage);
  const current = phrases[phrase];
  const next = phrases[phrase + 1];
  if (!current || phrases.every(({ text }) => text === ""))
    return <p className="self-center text-3xl text-dim">{stage.noLyrics}</p>;
  return (
    <>
      <div className="flex min-h-0 items-center justify-center overflow-clip [overflow-clip-margin:2rem] landscape:max-lg:justify-start">
        <Line key={phrase} phrase={current} highlighter={highlighter} />
      </div>
      <p className="line-clamp-2 min-h-[1.25em] text-[clamp(1.3rem,5.8vw,1.6rem)] leading-tight text-dim md:text-3xl landscape:max-lg:text-2xl">
        {next && <span className="sr-only">{stage.next} : </span>}
        {next?.text}
      </p>
    </>
  );
}

function Line({ phrase, highlighter }: { phrase: LanePhrase; highlighter: Highlighter }) {
  const line = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => highlighter.attach(line.current, phrase.notes), [highlighter, phrase]);
  useFit(line);
  const words = wordsOf(phrase);
  const written = words.some((word) => word.some(({ text }) => text !== ""));
  return (
    <p ref={line} className="max-w-full py-1 leading-[1.1] font-semibold text-balance">
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
