/** What the server did not receive, and the phone's own recording of it. */

import { callJson } from "./http";
import { ApiProblem, refusal } from "./problem";
import { sessionPath, type Session } from "./session";

export interface MissingSound {
  spans: { start_s: number; end_s: number }[]; // song seconds
  margin_s: number; // of sound to send along on either side
}

export interface FilledSound {
  spans: { start_s: number; end_s: number; filled_s: number; refusal: string }[];
}

const UPLOAD_TIMEOUT_MS = 150_000;

/** Not ready before the take is closed. */
export function getMissing(session: Session): Promise<MissingSound> {
  return callJson(sessionPath(session, "missing"), { token: session.token });
}

function problemOf(request: XMLHttpRequest): ApiProblem {
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    body = { detail: `status ${request.status}` }; // not from our server: a proxy before it
  }
  return refusal(request.status, body, request.getResponseHeader("retry-after"));
}

/** By XMLHttpRequest: fetch tells nothing of how far an upload is. */
export function uploadRecording(
  session: Session,
  body: Blob,
  progress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<FilledSound> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("POST", sessionPath(session, "upload-recording"));
    request.setRequestHeader("authorization", `Bearer ${session.token}`);
    request.setRequestHeader("content-type", "application/x-protobuf");
    request.timeout = UPLOAD_TIMEOUT_MS;
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText) as FilledSound);
      else reject(problemOf(request));
    };
    request.onerror = request.ontimeout = () => reject(new ApiProblem("offline"));
    request.onabort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}
