/** What an Ogg Opus file says of its own length (RFC 7845): the decoded sound must have it, or its start is elsewhere. */

const RATE_HZ = 48_000;
const PAGE = [0x4f, 0x67, 0x67, 0x53]; // "OggS"
const HEAD = [0x4f, 0x70, 0x75, 0x73, 0x48, 0x65, 0x61, 0x64]; // "OpusHead"
const GRANULE_AT = 6; // bytes after the start of a page
const PRE_SKIP_AT = 10; // bytes after the start of the head
const LONGEST_PAGE = 65_307;
const IN_STEP_S = 0.004; // the encoder's delay, where a decoder leaves it in, is 6.5 ms

/** Seconds of sound without the encoder's delay; null for a file of another kind. */
export function opusDurationS(file: ArrayBuffer): number | null {
  const bytes = new Uint8Array(file);
  const head = findFirst(bytes, HEAD, 0, Math.min(bytes.length, 128));
  const page = findLast(bytes, PAGE, Math.max(0, bytes.length - LONGEST_PAGE));
  if (head === null || page === null) return null;
  if (head + PRE_SKIP_AT + 2 > bytes.length || page + GRANULE_AT + 8 > bytes.length) return null;
  const view = new DataView(file);
  const samples = Number(view.getBigInt64(page + GRANULE_AT, true)) - view.getUint16(head + PRE_SKIP_AT, true);
  return samples > 0 ? samples / RATE_HZ : null;
}

/** Whether a decoder took the encoder's delay off, so that song second 0 is the first sample. */
export function isInStep(decodedS: number, durationS: number | null): boolean {
  return durationS !== null && Math.abs(decodedS - durationS) <= IN_STEP_S;
}

function isAt(bytes: Uint8Array, mark: readonly number[], place: number): boolean {
  return mark.every((byte, index) => bytes[place + index] === byte);
}

function findFirst(bytes: Uint8Array, mark: readonly number[], from: number, to: number): number | null {
  for (let place = from; place < to; place++) if (isAt(bytes, mark, place)) return place;
  return null;
}

function findLast(bytes: Uint8Array, mark: readonly number[], from: number): number | null {
  for (let place = bytes.length - mark.length; place >= from; place--) if (isAt(bytes, mark, place)) return place;
  return null;
}
