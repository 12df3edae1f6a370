/** A song that the house does not have yet: from the choice to its first possible note. */

import { followPreparation } from "../api/preparation";
import { ApiProblem, asProblem, type ApiCode } from "../api/problem";
import { changeSource, type Choice, type Session } from "../api/session";
import { getSessionSong } from "../api/song";
import type { SongSummary } from "../api/songs";
import { book, bookedSession, cancelBooking, openSession } from "./booking";
import { summaryOfPrepared, wishesNow } from "./choice";
import { leaveTheatre } from "./theatre";
import { ASKING, BEFORE_CHECK, patchPreparing, useShow } from "./state";
import { forgetWaiting, recallWaiting, rememberWaiting } from "./waiting";

export type OtherSource = { source_id: string } | { url: string };

let following: AbortController | null = null;

/** Stops looking at the preparation; it goes on in the house for whoever wants the song next. */
export function leavePreparation(): void {
  following?.abort();
  following = null;
  forgetWaiting();
  cancelBooking();
}

/** Into the dressing room with a song that has to be made first. */
export function prepare(song: SongSummary, choice: Choice): void {
  const trackId = "track" in choice ? choice.track.id : null;
  leavePreparation();
  useShow.setState({ song, choice, trackId, screen: "dressing", keyShiftSemitones: 0, tempo: 1, ...FRESH });
  void attend(() => ask(choice));
}

const FRESH = { dressing: BEFORE_CHECK, preparing: ASKING, confidence: null };

/** Tries the same again. */
export function prepareAgain(): void {
  const { choice } = useShow.getState();
  if (!choice) return;
  leavePreparation();
  leaveTheatre();
  useShow.setState(FRESH);
  void attend(() => ask(choice));
}

/** The same song from another recording. */
export function prepareFrom(source: OtherSource): void {
  const session = bookedSession();
  following?.abort();
  leaveTheatre();
  useShow.setState({ choice: { source }, ...FRESH });
  void attend((signal) => (session ? replace(session, source, signal) : ask({ source })));
}

/** After a reload. False when nothing was being prepared. */
export function resumePreparation(): boolean {
  const waiting = recallWaiting();
  if (!waiting) return false;
  const { session, request, song, choice, trackId } = waiting;
  book(session, request);
  useShow.setState({ song, choice, trackId, screen: "dressing", preparing: { ...ASKING, phase: "preparing" } });
  void attend(() => Promise.resolve({ ...session, state: "preparing" as const }));
  return true;
}

async function ask(choice: Choice): Promise<Session | null> {
  const leaving = following;
  const request = { ...choice, ...wishesNow() };
  const here = () => leaving !== null && leaving === following;
  const session = await openSession(request, here, (problem, retryS) => patchPreparing({ problem, retryS }));
  const { song, trackId } = useShow.getState();
  if (!session || !here() || !song) return null;
  book(session, request);
  rememberWaiting({ session, request, song, choice, trackId });
  return session;
}

const TOO_LATE: ReadonlySet<ApiCode> = new Set<ApiCode>(["session-over", "session-live", "unknown-session", "expired-token"]);

/** The session goes on with another source; where it is over already, another session begins with it. */
async function replace(session: Session, source: OtherSource, signal: AbortSignal): Promise<Session | null> {
  try {
    const { state } = await changeSource(session, source);
    return { ...session, state: state === "created" ? "created" : "preparing" };
  } catch (error) {
    const problem = asProblem(error);
    if (signal.aborted || !TOO_LATE.has(problem.code)) throw problem;
    return ask({ source });
  }
}

async function attend(begin: (signal: AbortSignal) => Promise<Session | null>): Promise<void> {
  const leaving = (following = new AbortController());
  const { signal } = leaving;
  try {
    const session = await begin(signal);
    if (!session || signal.aborted) return;
    if (session.state === "preparing") await watch(session, signal);
    await welcome(session, signal);
  } catch (error) {
    if (signal.aborted) return;
    patchPreparing({ phase: "failed", problem: asProblem(error).code, retryS: null });
  }
}

async function watch(session: Session, signal: AbortSignal): Promise<void> {
  patchPreparing({ phase: "preparing" });
  const sink = {
    progress: (progress: { stage: string; fraction: number; left_s?: number | null }) => patchPreparing({ progress }),
    reached: (reached: boolean) => useShow.getState().preparing?.reached !== reached && patchPreparing({ reached }),
  };
  const state = await followPreparation(session, sink, signal);
  if (state === "abandoned" || state === "done") throw new ApiProblem("session-over");
}

/** The song is there: from now on it is one of the house. */
async function welcome(session: Session, signal: AbortSignal): Promise<void> {
  const sung = await getSessionSong(session);
  if (signal.aborted) return;
  const song = summaryOfPrepared(sung, useShow.getState().song);
  const choice = { song_id: song.id };
  useShow.setState({ song, choice, confidence: sung.song.confidence ?? null });
  patchPreparing({ phase: "ready", reached: true, problem: null });
}
