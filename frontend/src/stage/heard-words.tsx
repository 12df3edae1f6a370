import { useEffect, useState } from "react";

import { useTexts } from "../i18n/language";
import type { HeardLine } from "../show/words-heard";
import { useShow } from "../show/state";
import { MarkedWords } from "../ui/word-mark";

const SHOWN_MS = 3_500;

/** The words of the line that has just ended, as the jury heard them: at the foot of the lane, over it. */
export function HeardWords() {
  const { stage } = useTexts();
  const heard = useShow((state) => state.stage.heard);
  const [gone, setGone] = useState<HeardLine | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setGone(heard), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [heard]);
  if (!heard || heard === gone) return null;
  return (
    <div
      data-testid="heard-words"
      className="pointer-events-none absolute bottom-3 left-3 max-h-[40%] max-w-[calc(100%-1.5rem)] overflow-hidden rounded-2xl bg-night/80 px-4 py-2 text-lg leading-snug text-light motion-safe:animate-[appear_200ms_ease-out] lg:text-2xl landscape:max-lg:text-base"
    >
      <MarkedWords words={heard.words} label={stage.heardWords} />
    </div>
  );
}
