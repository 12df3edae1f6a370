/** What a juror says first, and all the rest. */

const LEAST = 24; // "Oh !" alone is no sentence to remember
const SENTENCE = /[.!?…]+(?:\s*[»”])?\s+/g;

export function punchline(comment: string): [first: string, rest: string] {
  for (const end of comment.matchAll(SENTENCE)) {
    const cut = end.index + end[0].length;
    if (cut >= LEAST) return [comment.slice(0, cut).trim(), comment.slice(cut).trim()];
  }
  return [comment.trim(), ""];
}
