/** What the page remembers of a singer on this phone; nothing leaves it but what is sent with a take. */

const KEY = "voicejury.singer";
const FOR_CHILDREN_KEY = "voicejury.for-children";
export const NICKNAME_LIMIT = 24;

/** At most 24 characters (code points, as the server counts them). */
export function trimNickname(typed: string): string {
  return [...typed.replace(/\s+/g, " ")].slice(0, NICKNAME_LIMIT).join("");
}

export function recallNickname(): string {
  try {
    return trimNickname(localStorage.getItem(KEY) ?? "");
  } catch {
    return ""; // storage may be forbidden
  }
}

export function rememberNickname(nickname: string): void {
  try {
    localStorage.setItem(KEY, nickname);
  } catch {
    // storage may be forbidden: the name holds until the page closes
  }
}

/** Whether a child sang here last. */
export function recallForChildren(): boolean {
  try {
    return localStorage.getItem(FOR_CHILDREN_KEY) === "yes";
  } catch {
    return false; // storage may be forbidden
  }
}

export function rememberForChildren(forChildren: boolean): void {
  try {
    if (forChildren) localStorage.setItem(FOR_CHILDREN_KEY, "yes");
    else localStorage.removeItem(FOR_CHILDREN_KEY);
  } catch {
    // storage may be forbidden: the choice holds until the page closes
  }
}
