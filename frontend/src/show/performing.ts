/** From "on stage" to the verdict. */

import { analyze, getAnalysisStatus } from "../api/analysis";
import { followDeliberation } from "../api/deliberation";
import { asProblem, isFatal, retryMs, type ApiCode, type ApiProblem } from "../api/problem";
import { endSession, type Progress, type Session } from "../api/session";
import { sleep } from "../api/sleep";
import type { Juror, Verdict } from "../gen/voicejury/v1/verdict_pb";
import { loadSongs } from "./home";
import { forgetSung, recallSung, rememberSung } from "./encore";
import { tonight } from "./evening";
import { withJuror } from "./jurors";
import { forgetRecording, hasRecording, mend } from "./mending";
import { leavePreparation } from "./preparing";
import { checkMicrophone } from "./rehearsal";
import { BEFORE_CHECK, BEFORE_VERDICT, NO_SEARCH, patchDeliberation, patchSearch, patchStage, useShow } from "./state";
import { audioContext, leaveTheatre } from "./theatre";
import { forgetWaiting } from "./waiting";

const CURTAIN_S = 2.5; // time to change one's mind

let curtain: ReturnType<typeof setTimeout> | null = null;
let deliberating: AbortController | null = null;

export function checkMic(): Promise<void> {
  return checkMicrophone(() => void finish());
}

export function startSong(): void {
  const evening = tonight();
  if (!evening?.act || !evening.player) return;
  audioContext();
  const { session, song, keyShiftSemitones, tempo } = useShow.getState();
  if (session && song) rememberSung({ session, song, keyShiftSemitones, tempo });
  forgetWaiting();
  patchSearch({ ...NO_SEARCH, recent: useShow.getState().search.recent }); // whoever comes back looks for another one
  evening.act.start(evening.player);
  useShow.setState({ screen: "stage" });
}

export function pauseSong(): void {
  tonight()?.act?.pause();
}

export async function resumeSong(): Promise<void> {
  await tonight()?.act?.resume();
}

export function setGuideVolume(volume: number): void {
  tonight()?.player?.setGuideVolume(volume);
  patchStage({ guideVolume: volume });
}

/** The song fades for a moment in which the singer may still go on. */
export function giveUp(): void {
  if (curtain) return;
  patchStage({ leaving: true });
  tonight()?.player?.fadeOut(CURTAIN_S);
  curtain = setTimeout(() => void finish(), CURTAIN_S * 1000);
}

export function goOn(): void {
  raiseCurtain();
  tonight()?.player?.fadeIn();
  patchStage({ leaving: false });
}

function raiseCurtain(): void {
  if (curtain) clearTimeout(curtain);
  curtain = null;
}

async function finish(): Promise<void> {
  raiseCurtain();
  const { session, screen } = useShow.getState();
  if (screen !== "stage") return;
  tonight()?.act?.pause();
  useShow.setState({ screen: "wings", deliberation: BEFORE_VERDICT, verdict: null });
  if (session) await awaitVerdict(session);
}

/** After a reload: what was sung goes to the jury, or is still there. False when there is nothing. */
export function resumeShow(): boolean {
  const sung = recallSung();
  if (!sung) return false;
  useShow.setState({ ...sung, screen: "wings", deliberation: BEFORE_VERDICT });
  void awaitVerdict(sung.session);
  return true;
}

const END_ATTEMPTS_MS = [300, 1_000, 3_000, 7_000];

/** Ending is safe to repeat: a restarting server gets the message a little later. True when a recording was promised. */
async function end(session: Session, signal: AbortSignal): Promise<boolean> {
  await tonight()?.act?.saved();
  const recorded = await hasRecording(session);
  for (const waitMs of END_ATTEMPTS_MS) {
    signal.throwIfAborted();
    try {
      await endSession(session, recorded);
      return recorded;
    } catch (error) {
      const problem = asProblem(error);
      if (signal.aborted || !watchesOn(problem.code)) throw error;
      patchDeliberation({ problem: problem.code });
      await sleep(retryMs(waitMs, problem), signal);
    }
  }
  await endSession(session, recorded);
  return recorded;
}

const AGAIN_MS = 10_000;

/** Nothing is there that could be judged again. */
export const TAKELESS: ReadonlySet<ApiCode> = new Set<ApiCode>(["no-take", "take-damaged", "take-deleted"]);

/** Troubles that pass by themselves: the page goes on watching. */
export function watchesOn(code: ApiCode): boolean {
  return !isFatal(code) && code !== "judge-failed" && !TAKELESS.has(code);
}

/** Without a network, or before a full house, the take waits where it is, and so do we. */
function whenBack(session: Session, problem: ApiProblem, signal: AbortSignal): void {
  const again = () => void awaitVerdict(session);
  const timer = setTimeout(again, retryMs(AGAIN_MS, problem));
  window.addEventListener("online", again, { once: true, signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

/** Ends the take and watches its judging, whatever was watched before. */
export function awaitVerdict(session: Session): Promise<void> {
  return attend(session, async (signal) => {
    // Whoever went on meanwhile has left this theatre, and may be in another one.
    const promised = await end(session, signal).finally(() => {
      if (!signal.aborted) leaveTheatre();
    });
    signal.throwIfAborted();
    void mend(session, promised, signal);
  });
}

/** A take that could not be judged goes before the jury once more. */
export function judgeAgain(session: Session): Promise<void> {
  patchDeliberation(BEFORE_VERDICT);
  return attend(session, async () => void (await analyze(session)));
}

async function attend(session: Session, begin: (signal: AbortSignal) => Promise<void>): Promise<void> {
  deliberating?.abort();
  const { signal } = (deliberating = new AbortController());
  patchDeliberation({ problem: null });
  try {
    await begin(signal);
    signal.throwIfAborted();
    patchDeliberation({ problem: null });
    const verdict = await followDeliberation(session, SINK, signal);
    signal.throwIfAborted();
    useShow.setState({ verdict, screen: "verdict" });
    void forgetRecording(session);
  } catch (error) {
    if (!signal.aborted) await broken(session, asProblem(error), signal);
  }
}

const SINK = {
  progress: (progress: Progress) => patchDeliberation({ progress, problem: null }),
  scores: (scores: Verdict) => patchDeliberation({ scores }),
  juror: (juror: Juror) => patchDeliberation({ jurors: withJuror(useShow.getState().deliberation.jurors, juror) }),
};

async function broken(session: Session, problem: ApiProblem, signal: AbortSignal): Promise<void> {
  const { code, detail, fatal } = problem;
  if (fatal) forgetSung(); // a reload could only fail again
  const failures = code === "judge-failed" ? await failuresOf(session) : 0;
  if (signal.aborted) return;
  patchDeliberation({ problem: code, detail, failures });
  if (watchesOn(code)) whenBack(session, problem, signal);
}

/** One at least: it has just failed. */
async function failuresOf(session: Session): Promise<number> {
  try {
    return (await getAnalysisStatus(session)).attempt + 1;
  } catch {
    return 1; // only how it is told depends on it
  }
}

export function singAgain(): void {
  deliberating?.abort();
  forgetSung();
  leaveTheatre();
  const { song } = useShow.getState();
  const choice = song && { song_id: song.id };
  useShow.setState({ screen: "dressing", dressing: BEFORE_CHECK, session: null, choice, preparing: null });
}

export function goHome(): void {
  raiseCurtain();
  deliberating?.abort();
  forgetSung();
  leaveTheatre();
  leavePreparation();
  useShow.setState({ screen: "home", song: null, choice: null, preparing: null, session: null, verdict: null, confidence: null });
  void loadSongs();
}
