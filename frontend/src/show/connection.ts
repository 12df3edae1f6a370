/** What the edge of the stage says about the way to the judge. */

import { MicState, type MediaStats } from "../gen/voicejury/v1/media_pb";
import type { LinkPhase } from "../live/linkstate";

export type ConnectionView = "ok" | "lost" | "reconnecting" | "mic-lost" | "judge-lost" | "silent";

export interface ConnectionFacts {
  readonly phase: LinkPhase;
  readonly micEnded: boolean;
  readonly stats: Pick<MediaStats, "mic" | "judgeConnected"> | null;
}

/** The nearest trouble first: without a link nothing else can be known. */
export function connectionView({ phase, micEnded, stats }: ConnectionFacts): ConnectionView {
  if (phase === "lost" || phase === "over") return "lost";
  if (phase !== "up") return "reconnecting";
  if (micEnded || stats?.mic === MicState.LOST) return "mic-lost";
  if (stats && !stats.judgeConnected) return "judge-lost";
  if (stats?.mic === MicState.SILENT) return "silent";
  return "ok";
}

/** The stable values of data-state; a silent microphone is a lost one to whoever reads them. */
export function connectionState(view: ConnectionView): Exclude<ConnectionView, "silent"> {
  return view === "silent" ? "mic-lost" : view;
}

/** What the server could not do, although the way to it is fine. */
export type Trouble = "message" | "judge" | "unkept" | "full";

const TROUBLE_BY_CODE: Record<string, Trouble> = { "bad-message": "message", "spool-failed": "unkept", "take-full": "full" };

/** Any other code is the live judge's own. */
export function troubleOf(code: string): Trouble {
  return TROUBLE_BY_CODE[code] ?? "judge";
}
