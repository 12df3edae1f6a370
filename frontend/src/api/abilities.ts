import { callJson } from "./http";

/** What this installation can or cannot do beside judging. */
export interface Ability {
  name: string; // "search", "youtube", "lyrics", "separation", "word-times"
  is_there: boolean;
  detail: string;
}

export async function listAbilities(): Promise<Ability[]> {
  return (await callJson<{ abilities: Ability[] }>("/api/abilities")).abilities;
}

/** What the house takes of one upload. */
export interface UploadLimits {
  bytes: number; // of all recordings together
  duration_s: number; // of one recording
}

export async function askUploadLimits(): Promise<UploadLimits> {
  return (await callJson<{ upload_limits: UploadLimits }>("/api/abilities")).upload_limits;
}
