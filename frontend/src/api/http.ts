import { asProblem, problemOf } from "./problem";

const CALL_TIMEOUT_MS = 10_000;

interface Call {
  method?: "GET" | "POST";
  body?: unknown;
  token?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** One call to the API; every failure is an ApiProblem. */
export async function call(path: string, { method = "GET", body, token, timeoutMs = CALL_TIMEOUT_MS, signal }: Call = {}) {
  const headers: Record<string, string> = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  } catch (error) {
    throw asProblem(error);
  }
}

export async function callJson<T>(path: string, options?: Call): Promise<T> {
  const response = await call(path, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw asProblem(error);
  }
}
