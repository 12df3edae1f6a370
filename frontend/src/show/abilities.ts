/** What the house lacks, told once to whoever runs it. */

import { listAbilities, type Ability } from "../api/abilities";
import { asProblem } from "../api/problem";
import { useShow } from "./state";

const KEY = "voicejury.abilities";
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The operator sits at the machine itself; a guest comes by the network. */
export function atTheMachine(host: string): boolean {
  return LOOPBACK.test(host);
}

export async function loadAbilities(): Promise<void> {
  if (!atTheMachine(location.hostname) || useShow.getState().abilities !== null) return;
  try {
    useShow.setState({ abilities: untold(await listAbilities(), recallTold()) });
  } catch (error) {
    console.warn("abilities:", asProblem(error).code); // nobody sings worse for it
  }
}

/** What is not there although nobody switched it off. */
export function missingAbilities(abilities: readonly Ability[]): Ability[] {
  return abilities.filter(({ is_there, detail }) => !is_there && !detail.startsWith("switched off"));
}

/** The command that the house itself recommends, in backticks. */
export function remedyIn(detail: string): string | null {
  return /`([^`]+)`/.exec(detail)?.[1] ?? null;
}

/** Without what was told before; what has come back since may be told again one day. */
export function untold(abilities: readonly Ability[], told: readonly string[]): Ability[] {
  return abilities.filter(({ name }) => !told.includes(name));
}

export function dismissAbilities(missing: readonly Ability[]): void {
  const told = new Set([...recallTold(), ...missing.map(({ name }) => name)]);
  try {
    localStorage.setItem(KEY, JSON.stringify([...told]));
  } catch {
    // storage may be forbidden: it is told again at the next visit
  }
  useShow.setState({ abilities: [] });
}

function recallTold(): string[] {
  try {
    const told: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(told) ? told.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // storage may be forbidden, or hold somebody else's words
  }
}
