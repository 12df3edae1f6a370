/** From the end of the song: what the network lost is sent from the phone's own recording, and that alone. */

import { analyze } from "../api/analysis";
import { ApiProblem, asProblem } from "../api/problem";
import { getMissing, uploadRecording, type MissingSound } from "../api/recording";
import type { Session } from "../api/session";
import { cuttings, uploadBody } from "../live/recorder/cuttings";
import { RecordingStore } from "../live/recorder/store";
import { patchDeliberation } from "./state";

const ATTEMPTS_MS = [500, 1_500, 4_000]; // between them; what passes by itself
const SEALED_WITHIN_MS = 15_000;
const ASK_EVERY_MS = 300;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Null where the browser keeps nothing. */
async function openStore(): Promise<RecordingStore | null> {
  if (!("indexedDB" in window)) return null;
  return RecordingStore.open().catch(() => null);
}

export async function hasRecording(session: Session): Promise<boolean> {
  const store = await openStore();
  if (!store) return false;
  try {
    return await store.has(session.session_id);
  } finally {
    store.close();
  }
}

/** After the verdict: nothing of it is needed any more. */
export async function forgetRecording(session: Session): Promise<void> {
  const store = await openStore();
  await store?.forget(session.session_id).finally(() => store.close());
}

async function missingOf(session: Session, signal: AbortSignal): Promise<MissingSound> {
  for (const givenUpMs = Date.now() + SEALED_WITHIN_MS; ; ) {
    try {
      return await getMissing(session);
    } catch (error) {
      const { code } = asProblem(error);
      if (signal.aborted || code !== "not-ready" || Date.now() > givenUpMs) throw error;
      await sleep(ASK_EVERY_MS);
    }
  }
}

async function sent(session: Session, body: Blob, seconds: number, signal: AbortSignal): Promise<void> {
  const progress = (fraction: number) => patchDeliberation({ mending: { seconds, fraction } });
  for (const waitMs of [...ATTEMPTS_MS, null]) {
    try {
      progress(0);
      await uploadRecording(session, body, progress, signal);
      return;
    } catch (error) {
      const passing = error instanceof ApiProblem && !error.fatal;
      if (signal.aborted || !passing || waitMs === null) throw error;
      await sleep(waitMs);
    }
  }
}

/** Once the session was ended. Whatever becomes of it, the take is judged; what went wrong is for the log alone. */
export async function mend(session: Session, signal: AbortSignal): Promise<void> {
  const store = await openStore();
  try {
    if (!store || !(await store.has(session.session_id))) return;
    const { spans, margin_s } = await missingOf(session, signal);
    if (spans.length === 0) return;
    const runs = cuttings(await store.chunks(session.session_id), spans, margin_s);
    if (runs.length === 0) return;
    const seconds = spans.reduce((sum, span) => sum + span.end_s - span.start_s, 0);
    await sent(session, uploadBody(session.session_id, runs), seconds, signal);
  } catch (error) {
    if (signal.aborted) return;
    console.warn("recording not sent:", asProblem(error).code);
    await analyze(session).catch(() => undefined); // the judging waits no longer
  } finally {
    store?.close();
    if (!signal.aborted) patchDeliberation({ mending: null });
  }
}
