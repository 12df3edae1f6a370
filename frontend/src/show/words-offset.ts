/** The words moved by ear against the sound: at once on stage, kept by the house a moment later. */

import { asProblem } from "../api/problem";
import { getLyricsOffset, saveLyricsOffset, type Session } from "../api/session";
import { useShow, WORDS_IN_PLACE, type WordsOffset } from "./state";

export const OFFSET_LIMIT_S = 10;
export const OFFSET_STEP_S = 0.05;
const KEEP_AFTER_MS = 600; // of rest, so that a held button is one call

let timer: ReturnType<typeof setTimeout> | null = null;

function patch(change: Partial<WordsOffset>): void {
  useShow.setState(({ words }) => ({ words: { ...words, ...change } }));
}

export async function recallOffset(session: Session): Promise<void> {
  useShow.setState({ words: WORDS_IN_PLACE });
  try {
    const offsetS = await getLyricsOffset(session);
    if (useShow.getState().session === session && timer === null) patch({ offsetS });
  } catch (error) {
    console.warn("words' offset:", asProblem(error).code); // the words stay where the song has them
  }
}

/** Inside the limits and without the dust of added steps. */
export function wholeOffset(offsetS: number): number {
  const limited = Math.max(-OFFSET_LIMIT_S, Math.min(OFFSET_LIMIT_S, offsetS));
  return Math.round(limited * 1000) / 1000 || 0;
}

export function moveWordsTo(offsetS: number): void {
  patch({ offsetS: wholeOffset(offsetS), keeping: "keeping" });
  if (timer) clearTimeout(timer);
  timer = setTimeout(() => void keep(), KEEP_AFTER_MS);
}

export function moveWordsBy(deltaS: number): void {
  moveWordsTo(useShow.getState().words.offsetS + deltaS);
}

async function keep(): Promise<void> {
  timer = null;
  const { session, words } = useShow.getState();
  if (!session) return;
  try {
    await saveLyricsOffset(session, words.offsetS);
    if (timer === null) patch({ keeping: "kept" });
  } catch (error) {
    console.warn("words' offset:", asProblem(error).code);
    patch({ keeping: "lost" });
  }
}
