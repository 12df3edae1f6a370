/** What can go wrong with a call, by codes that the dictionaries translate. */

const SERVER_CODES = [
  "bad-request",
  "bad-sdp",
  "too-large",
  "same-file",
  "no-audio",
  "unauthorized",
  "expired-token",
  "foreign-session",
  "session-live",
  "session-over",
  "unknown-song",
  "unknown-session",
  "busy",
  "media-unavailable",
  "not-ready",
  "no-take",
  "take-damaged",
  "take-deleted",
  "judge-failed",
  "no-source",
  "source-refused",
  "video-unavailable",
  "video-blocked",
  "too-long",
  "not-audio",
  "silent",
  "no-voice",
  "no-network",
  "service-failed",
  "disk-full",
  "separation-missing",
  "no-lyrics",
  "no-word-times",
  "no-track",
] as const;

export const API_CODES = [...SERVER_CODES, "offline", "unexpected"] as const;
export type ApiCode = (typeof API_CODES)[number];

/** Codes after which offering again cannot help. */
const FATAL: ReadonlySet<ApiCode> = new Set<ApiCode>([
  "bad-request",
  "bad-sdp",
  "too-large",
  "no-audio",
  "unauthorized",
  "expired-token",
  "foreign-session",
  "session-over",
  "unknown-session",
]);

export function isFatal(code: ApiCode): boolean {
  return FATAL.has(code);
}

export class ApiProblem extends Error {
  constructor(
    readonly code: ApiCode,
    readonly detail = "",
    readonly retryAfterS: number | null = null,
  ) {
    super(`${code} ${detail}`);
  }

  get fatal(): boolean {
    return isFatal(this.code);
  }
}

const LONGEST_RETRY_MS = 60_000;

/** As long as we would wait, or as long as the server wants us to, within reason. */
export function retryMs(waitMs: number, { retryAfterS }: ApiProblem): number {
  return Math.max(waitMs, Math.min(LONGEST_RETRY_MS, 1_000 * (retryAfterS ?? 0)));
}

export function apiCode(code: unknown): ApiCode {
  return API_CODES.find((known) => known === code) ?? "unexpected";
}

/** What a status alone says: a link on which a call stalled is as good as none, and a proxy's own page has no code. */
const BY_STATUS: Readonly<Record<number, ApiCode>> = { 408: "offline", 413: "too-large" };

export function refusal(status: number, body: unknown, retryAfter: string | null): ApiProblem {
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  const seconds = Number(retryAfter);
  const waitS = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  return new ApiProblem(BY_STATUS[status] ?? apiCode(code), String(detail ?? ""), waitS);
}

export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  return refusal(response.status, body, response.headers.get("retry-after"));
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const offline = error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
  return new ApiProblem(offline ? "offline" : "unexpected", String(error));
}
