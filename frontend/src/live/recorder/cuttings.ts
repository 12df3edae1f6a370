/** What the server lacks, cut out of a recording: pure. */

import { create } from "@bufbuild/protobuf";
import { sizeDelimitedEncode } from "@bufbuild/protobuf/wire";

import { PhoneSoundSchema } from "../../gen/voicejury/v1/media_pb";
import { OUT_RATE_HZ } from "./decimator";
import type { Chunk } from "./tape";

export interface SpanS {
  readonly start_s: number;
  readonly end_s: number;
}

const TOUCHING_S = 0.001; // chunks of one run follow each other exactly

function endS({ songS, pcm }: Chunk): number {
  return songS + pcm.length / OUT_RATE_HZ;
}

/** The part of a chunk between two seconds of the song; null where there is none. */
function cut(chunk: Chunk, fromS: number, toS: number): Chunk | null {
  const first = Math.max(0, Math.ceil((fromS - chunk.songS) * OUT_RATE_HZ));
  const end = Math.min(chunk.pcm.length, Math.floor((toS - chunk.songS) * OUT_RATE_HZ));
  if (first >= end) return null;
  return { ...chunk, songS: chunk.songS + first / OUT_RATE_HZ, pcm: chunk.pcm.slice(first, end) };
}

function follows(part: Chunk, last: Chunk): boolean {
  return part.microphone === last.microphone && Math.abs(part.songS - endS(last)) <= TOUCHING_S;
}

function holdsAny(run: readonly Chunk[], span: SpanS): boolean {
  return run.some((part) => part.songS < span.end_s && endS(part) > span.start_s);
}

/** Runs of chunks without a hole, one or more for each span, with `marginS` of sound on either side. */
export function cuttings(chunks: readonly Chunk[], spans: readonly SpanS[], marginS: number): Chunk[][] {
  const runs: Chunk[][] = [];
  for (const span of spans) {
    let run: Chunk[] = [];
    for (const chunk of chunks) {
      const part = cut(chunk, span.start_s - marginS, span.end_s + marginS);
      if (!part) continue;
      const last = run.at(-1);
      if (last && !follows(part, last)) {
        if (holdsAny(run, span)) runs.push(run);
        run = [];
      }
      run.push(part);
    }
    if (holdsAny(run, span)) runs.push(run);
  }
  return runs;
}

export function secondsOf(runs: readonly Chunk[][]): number {
  return runs.flat().reduce((sum, { pcm }) => sum + pcm.length / OUT_RATE_HZ, 0);
}

/** The body of an upload: PhoneSound messages, each behind its length. */
export function uploadBody(sessionId: string, runs: readonly Chunk[][]): Blob {
  const parts = runs.flatMap((run, span) =>
    run.map(({ songS, pcm, microphone }) => {
      const pcmS16le = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
      const sound = create(PhoneSoundSchema, { sessionId, span, songS, pcmS16le, microphone });
      return sizeDelimitedEncode(PhoneSoundSchema, sound) as Uint8Array<ArrayBuffer>;
    }),
  );
  return new Blob(parts, { type: "application/x-protobuf" });
}
