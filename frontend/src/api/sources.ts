/** Where a song's recording comes from: candidates for a track, addresses, uploads. */

import { callJson } from "./http";
import { ApiProblem, asProblem, problemOf } from "./problem";

export interface Candidate {
  source_id: string;
  kind: string; // "youtube", "upload", "folder"
  title: string;
  artist: string;
  duration_s: number | null;
  match: number | null; // 0..1, how well it fits the track
  confidence: number | null; // 0..1 of its reference, where it was prepared before
  is_ready: boolean;
  cover_url: string | null;
  remarks: string[]; // codes: what may be wrong with it, then what speaks for it
}

const CANDIDATES_TIMEOUT_MS = 25_000;

export async function listCandidates(trackId: string, signal: AbortSignal): Promise<Candidate[]> {
  const parameters = new URLSearchParams({ track_id: trackId });
  const options = { signal, timeoutMs: CANDIDATES_TIMEOUT_MS };
  return (await callJson<{ candidates: Candidate[] }>(`/api/sources?${parameters}`, options)).candidates;
}

export interface Upload {
  audio?: File;
  instrumental?: File;
  vocals?: File;
  lyrics?: File;
  title: string;
  artist: string;
  language: string; // ISO 639-1, empty when the singer does not say
}

export interface Uploaded {
  source_id: string;
  title: string;
  artist: string;
  duration_s: number | null;
  kind: string;
}

export function uploadForm({ audio, instrumental, vocals, lyrics, title, artist, language }: Upload): FormData {
  const form = new FormData();
  for (const [name, text] of Object.entries({ title, artist, language })) if (text) form.set(name, text);
  for (const [name, file] of Object.entries({ lyrics, audio, instrumental, vocals })) if (file) form.set(name, file);
  return form;
}

/** Sends the files; `told` hears the share that has left, 0..1. By XMLHttpRequest: fetch tells no progress of a body. */
export function upload(files: Upload, told: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ApiProblem("offline"));
    request.onabort = () => reject(new DOMException("left", "AbortError"));
    request.onload = () => answerOf(request).then(resolve, (error: unknown) => reject(asProblem(error)));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(uploadForm(files));
  });
}

async function answerOf(request: XMLHttpRequest): Promise<Uploaded> {
  if (request.status === 201) return JSON.parse(request.responseText) as Uploaded;
  const retryAfter = request.getResponseHeader("retry-after");
  const headers = retryAfter ? { "retry-after": retryAfter } : undefined;
  throw await problemOf(new Response(request.responseText, { status: request.status, ...(headers && { headers }) }));
}
