import { useTexts } from "../i18n/language";
import { hasWords } from "../live/melody";
import { useShow } from "../show/state";
import { DraggableWords } from "../ui/draggable-words";
import type { Highlighter } from "../ui/highlighter";
import { Line } from "../ui/line";

/** The line sung now, as large as there is room, and the next one under it. */
export function Words({ highlighter, movable }: { highlighter: Highlighter; movable: boolean }) {
  const { stage } = useTexts();
  const { phrases, phrase } = useShow((state) => state.stage);
  const current = phrases[phrase];
  const next = phrases[phrase + 1];
  if (!current || !hasWords(phrases))
    return <p className="self-center text-3xl text-dim">{stage.noLyrics}</p>;
  return (
    <>
      <div className="flex min-h-0 items-center justify-center overflow-clip [overflow-clip-margin:2rem] landscape:max-lg:justify-start">
        {movable ? (
          <DraggableWords>
            <Line key={phrase} phrase={current} highlighter={highlighter} />
          </DraggableWords>
        ) : (
          <Line key={phrase} phrase={current} highlighter={highlighter} />
        )}
      </div>
      <p className="line-clamp-2 min-h-[1.25em] text-[clamp(1.3rem,5.8vw,1.6rem)] leading-tight text-dim md:text-3xl landscape:max-lg:text-2xl">
        {next && <span className="sr-only">{stage.next} : </span>}
        {next?.text}
      </p>
    </>
  );
}
