import { useEffect, useMemo, useRef, useState } from "react";

import { useTexts } from "../i18n/language";
import { outputLatencyS } from "../live/clock";
import { hasWords, phraseAt, type LanePhrase } from "../live/melody";
import { EXCERPT_AFTER_S } from "../live/player";
import { tonight } from "../show/evening";
import { setGuideVolume } from "../show/performing";
import { useShow } from "../show/state";
import { audioContext } from "../show/theatre";
import { Button } from "../ui/button";
import { DraggableWords } from "../ui/draggable-words";
import { Highlighter } from "../ui/highlighter";
import { Line } from "../ui/line";
import { Sheet } from "../ui/sheet";
import { WordsOffsetControl } from "../ui/words-offset-control";

/** The words may be laid right by ear before the song, once the band is there. */
export function WordsRehearsal() {
  const { words } = useTexts();
  const ready = useShow(({ dressing, stage }) => dressing.backingReady && hasWords(stage.phrases));
  const [open, setOpen] = useState(false);
  if (!ready) return null;
  return (
    <>
      <Button data-testid="words-open" onClick={() => setOpen(true)} className="justify-self-start self-start">
        {words.open}
      </Button>
      {open && (
        <Sheet title={words.title} close={() => setOpen(false)}>
          <Passage />
        </Sheet>
      )}
    </>
  );
}

const LINES = 3; // enough to hear whether they come in time
const LEAD_S = 1.5;

interface Excerpt {
  readonly fromS: number;
  readonly toS: number;
}

function excerptOf(phrases: readonly LanePhrase[]): Excerpt {
  const first = Math.max(0, phrases.findIndex(({ text }) => text !== ""));
  const last = phrases[Math.min(phrases.length, first + LINES) - 1];
  return { fromS: Math.max(0, (phrases[first]?.onset_s ?? 0) - LEAD_S), toS: (last?.offset_s ?? 0) + LEAD_S };
}

/** The first lines of the song, with the guide voice where there is one, and the words over them. */
function Passage() {
  const { words, verdict } = useTexts();
  const phrases = useShow((state) => state.stage.phrases);
  const excerpt = useMemo(() => excerptOf(phrases), [phrases]);
  const highlighter = useMemo(() => new Highlighter(), []);
  const [playing, setPlaying] = useState(true); // the tap that opened it asked for it
  const shown = usePassage(excerpt, playing, highlighter, () => setPlaying(false));
  const phrase = phrases[shown];
  return (
    <>
      <p className="text-dim landscape:max-lg:hidden">{words.hint}</p>
      <div className="h-36 overflow-clip py-2 landscape:max-lg:h-20">
        <DraggableWords>{phrase && <Line key={shown} phrase={phrase} highlighter={highlighter} />}</DraggableWords>
      </div>
      <WordsOffsetControl />
      <Button onClick={() => setPlaying(!playing)} aria-pressed={playing}>
        {playing ? `■ ${verdict.stop}` : `▶ ${words.listen}`}
      </Button>
    </>
  );
}

/** Plays the excerpt while wanted, and tells the index of the line to show. */
function usePassage({ fromS, toS }: Excerpt, playing: boolean, highlighter: Highlighter, over: () => void): number {
  const phrases = useShow((state) => state.stage.phrases);
  const [shown, setShown] = useState(() => phraseAt(phrases, fromS));
  const ended = useRef(over);
  useEffect(() => void (ended.current = over));
  useEffect(() => {
    const player = tonight()?.player;
    if (!playing || !player) return;
    const context = audioContext();
    const beganS = context.currentTime + EXCERPT_AFTER_S - fromS + outputLatencyS(context); // of song second 0, as it is heard
    player.excerpt(fromS, toS, () => ended.current());
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const { words, tempo } = useShow.getState();
      const songS = context.currentTime - beganS - words.offsetS / tempo; // an offset is told in the recording's time
      highlighter.update(songS);
      setShown(phraseAt(phrases, songS));
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      player.stop();
      setGuideVolume(useShow.getState().stage.guideVolume);
    };
  }, [fromS, toS, playing, phrases, highlighter]);
  return shown;
}
