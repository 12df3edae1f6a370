import { describe, expect, it } from "vitest";

import { OUT_RATE_HZ } from "./decimator";
import { Tape, type Chunk } from "./tape";

const RATE_HZ = 48_000;
const BLOCK = 128;

/** A tape that hears a click at audio second `clickS`. */
function recorded(act: (tape: Tape, play: (fromS: number, toS: number) => void) => void, clickS = -1): Chunk[] {
  const chunks: Chunk[] = [];
  const tape = new Tape(RATE_HZ, (chunk) => chunks.push(chunk));
  const click = Math.round(clickS * RATE_HZ);
  act(tape, (fromS, toS) => {
    for (let frame = Math.ceil((fromS * RATE_HZ) / BLOCK) * BLOCK; frame < toS * RATE_HZ; frame += BLOCK) {
      const block = new Float32Array(BLOCK);
      for (let n = 0; n < BLOCK; n++) {
        const far = frame + n - click; // a smooth click, which no filter moves
        if (clickS >= 0 && Math.abs(far) < 48) block[n] = 0.25 * (1 + Math.cos((Math.PI * far) / 48));
      }
      tape.block(block, frame);
    }
  });
  return chunks;
}

function loudestS(chunks: Chunk[]): number {
  let best = { level: 0, songS: Number.NaN };
  for (const { songS, pcm } of chunks)
    pcm.forEach((value, n) => {
      if (value > best.level) best = { level: value, songS: songS + n / OUT_RATE_HZ };
    });
  return best.songS;
}

describe("a tape", () => {
  it("stamps what it hears with the second of the song", () => {
    const heard = recorded((tape, play) => {
      tape.follow({ zeroAtS: 2.5, fromSongS: -3 });
      play(1, 6);
      tape.flush();
    }, 4.25);
    expect(loudestS(heard)).toBeCloseTo(1.75, 4);
    expect(heard[0]?.songS).toBeCloseTo(-1.5, 2);
  });

  it("cuts chunks of a second that follow each other exactly", () => {
    const heard = recorded((tape, play) => {
      tape.follow({ zeroAtS: 0, fromSongS: 0 });
      play(0, 3.5);
      tape.flush();
    });
    expect(heard.map(({ pcm }) => pcm.length).slice(0, 3)).toEqual([16_000, 16_000, 16_000]);
    for (const [n, chunk] of heard.entries()) expect(chunk.songS).toBeCloseTo((heard[0] as Chunk).songS + n, 9);
  });

  it("leaves out what is no part of the song: before it, in a pause, in the count-in of a resumed one", () => {
    const heard = recorded((tape, play) => {
      play(0, 1);
      tape.follow({ zeroAtS: 1, fromSongS: 0 });
      play(1, 2);
      tape.follow(null);
      play(2, 5);
      tape.follow({ zeroAtS: 5.5, fromSongS: 1 }); // resumed at second 1 after a lead of 1.5 s
      play(5, 8);
      tape.flush();
    });
    const seconds = heard.reduce((sum, { pcm }) => sum + pcm.length / OUT_RATE_HZ, 0);
    expect(seconds).toBeCloseTo(1 + 1.5, 1);
    expect(heard.every(({ songS }, n) => n === 0 || songS >= (heard[n - 1] as Chunk).songS)).toBe(true);
  });

  it("begins a new run where the audio clock jumped or the microphone was gone", () => {
    const heard = recorded((tape, play) => {
      tape.follow({ zeroAtS: 0, fromSongS: 0 });
      play(0, 1);
      tape.block(null, RATE_HZ);
      play(2, 3);
      play(4, 4.5);
      tape.flush();
    }, 4.2);
    expect(loudestS(heard)).toBeCloseTo(4.2, 4);
    expect(heard.map(({ songS }) => Math.round(songS * 100) / 100)).toEqual([0, 2, 4]);
  });

  it("counts its microphones, and never has two of them in one chunk", () => {
    const heard = recorded((tape, play) => {
      tape.follow({ zeroAtS: 0, fromSongS: 0 });
      play(0, 1.5);
      tape.change();
      play(1.5, 3);
      tape.flush();
    });
    const of = (one: number) => heard.filter(({ microphone }) => microphone === one).reduce((sum, { pcm }) => sum + pcm.length, 0);
    expect([of(0) / OUT_RATE_HZ, of(1) / OUT_RATE_HZ].map((seconds) => Math.round(seconds * 10) / 10)).toEqual([1.5, 1.5]);
  });
});
