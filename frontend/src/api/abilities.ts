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
