import { useLayoutEffect, useRef } from "react";

import type { LanePhrase } from "../live/melody";
import { useFit } from "./fit";
import type { Highlighter } from "./highlighter";
import { wordsOf } from "../live/syllables";

/** One line as large as its box, its syllables lit by the highlighter. */
export function Line({ phrase, highlighter }: { phrase: LanePhrase; highlighter: Highlighter }) {
  const line = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => highlighter.attach(line.current, phrase.syllables), [highlighter, phrase]);
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
