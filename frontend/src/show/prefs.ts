/** What the page remembers of a singer on this phone; nothing leaves it but the stage name sent with a take. */

const KEY = "voicejury.singer";
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
