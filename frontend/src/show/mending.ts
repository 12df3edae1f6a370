/** From the end of the song: what the network lost is sent from the phone's own recording, and that alone. */

import { analyze, getAnalysisStatus } from "../api/analysis";
import { asProblem, retryMs, type ApiCode } from "../api/problem";
import { getMissing, uploadRecording, type MissingSound } from "../api/recording";
import type { Session } from "../api/session";
import { sleep } from "../api/sleep";
import { cuttings, uploadBody } from "../live/recorder/cuttings";
import { RecordingStore } from "../live/recorder/store";
import { patchDeliberation } from "./state";

const ATTEMPTS_MS = [500, 1_500, 4_000]; // between them; what passes by itself
const SEALED_WITHIN_MS = 15_000;
const ASK_EVERY_MS = 300;
const FOUND_WITHIN_MS = 2_000;

const PASSING: ReadonlySet<ApiCode> = new Set<ApiCode>(["offline", "unexpected", "busy", "media-unavailable", "not-ready"]);

/** Null where the browser keeps nothing. */
async function openStore(): Promise<RecordingStore | null> {
  if (!("indexedDB" in window)) return null;
  return RecordingStore.open().catch(() => null);
}

async function isKept(session: Session): Promise<boolean> {
  const store = await openStore();
  if (!store) return false;
  try {
    return await store.has(session.session_id);
  } finally {
    store.close();
  }
}

/** False as well where the phone's storage fails or does not answer: a take is ended without it. */
export async function hasRecording(session: Session): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), FOUND_WITHIN_MS));
  try {
    return await Promise.race([isKept(session), late]);
  } catch (error) {
    console.warn("recording not found:", error);
    return false;
  }
}

/** After the verdict: nothing of it is needed any more. */
export async function forgetRecording(session: Session): Promise<void> {
  const store = await openStore();
  try {
    await store?.forget(session.session_id);
  } catch (error) {
    console.warn("recording not deleted yet:", error); // it goes when it is two hours old
  } finally {
    store?.close();
  }
}

/** What is too old goes as soon as the store is opened. */
export async function sweepRecordings(): Promise<void> {
  (await openStore())?.close();
}

/** Asks again, a few times, after what passes by itself. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of ATTEMPTS_MS) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const problem = asProblem(error);
      if (signal.aborted || !PASSING.has(problem.code)) throw error;
      await sleep(retryMs(waitMs, problem), signal);
    }
  }
  return ask();
}

/** A take is sealed a moment after its end. */
async function onceSealed(session: Session, givenUpMs: number, signal: AbortSignal): Promise<MissingSound> {
  for (;;) {
    try {
      return await getMissing(session);
    } catch (error) {
      if (signal.aborted || asProblem(error).code !== "not-ready" || Date.now() > givenUpMs) throw error;
      await sleep(ASK_EVERY_MS, signal);
    }
  }
}

function missingOf(session: Session, signal: AbortSignal): Promise<MissingSound> {
  const givenUpMs = Date.now() + SEALED_WITHIN_MS;
  return patiently(() => onceSealed(session, givenUpMs, signal), signal);
}

async function sent(session: Session, body: Blob, seconds: number, signal: AbortSignal): Promise<void> {
  const progress = (fraction: number) => patchDeliberation({ mending: { seconds, fraction } });
  await patiently(() => (progress(0), uploadRecording(session, body, progress, signal)), signal);
}

/** False where the server waits for something that is not here. */
async function sendMissing(session: Session, store: RecordingStore, signal: AbortSignal): Promise<boolean> {
  const { spans, margin_s } = await missingOf(session, signal);
  if (spans.length === 0) return true; // it waits for nothing
  const runs = cuttings(await store.chunks(session.session_id), spans, margin_s);
  signal.throwIfAborted();
  if (runs.length === 0) return false;
  const seconds = spans.reduce((sum, span) => sum + span.end_s - span.start_s, 0);
  await sent(session, uploadBody(session.session_id, runs), seconds, signal);
  return true;
}

/** The judging waits no longer. A take whose judging failed stays as it is: it is judged again at the singer's wish alone. */
async function settle(session: Session, signal: AbortSignal): Promise<void> {
  try {
    const { state } = await getAnalysisStatus(session);
    if (state === "judging" && !signal.aborted) await analyze(session);
  } catch (error) {
    console.warn("recording not settled:", asProblem(error).code); // the judging goes on by itself in a while
  }
}

/** Once the session was ended. Whatever becomes of it, the take is judged; what went wrong is for the log alone. */
export async function mend(session: Session, promised: boolean, signal: AbortSignal): Promise<void> {
  const store = await openStore();
  try {
    signal.throwIfAborted();
    const kept = store !== null && (await store.has(session.session_id));
    const done = kept && (await sendMissing(session, store, signal));
    if (!done && promised) await settle(session, signal);
  } catch (error) {
    if (signal.aborted) return;
    console.warn("recording not sent:", asProblem(error).code);
    await settle(session, signal);
  } finally {
    store?.close();
    if (!signal.aborted) patchDeliberation({ mending: null });
  }
}
