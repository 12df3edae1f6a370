import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Track } from "../api/search";
import type { SongSummary } from "../api/songs";
import { atTheMachine, missingAbilities, remedyIn, untold } from "./abilities";
import { choiceOfTrack, fits, summaryOfTrack, wishesNow } from "./choice";
import { roundedLeft, trustOf } from "./preparation-words";
import { typeQuery, withOwnSongs } from "./search";
import { NO_SEARCH, useShow } from "./state";
import { parseWaiting } from "./waiting";
import { moveWordsBy, wholeOffset } from "./words-offset";

const track = (id: string, title: string, song_id: string | null = null): Track => ({
  id,
  title,
  artist: "Les Zazous",
  album: "",
  duration_s: 60,
  cover_url: "https://pictures.example/1.jpg",
  source: "youtube",
  song_id,
});
const song = (id: string, title: string): SongSummary => ({
  id,
  title,
  artist: "Les Zazous",
  language: "fr",
  duration_s: 60,
  source: "ultrastar",
  cover_url: null,
  guide_url: null,
  best: null,
});

describe("what the field finds", () => {
  it("is the house's own songs first, none of them twice", () => {
    const tracks = [track("song:ete", "Été", "ete"), track("youtube:a", "Été indien")];
    const found = withOwnSongs([song("ete", "Été"), song("hiver", "Hiver")], { query: "ete", tracks });
    expect(found.map(({ id }) => id)).toEqual(["song:ete", "youtube:a"]);
  });

  it("shows pictures by way of the house alone", () => {
    expect(summaryOfTrack(track("youtube:a/b", "Été")).cover_url).toBe("/api/search/tracks/youtube%3Aa%2Fb/cover");
  });

  it("is sung at once where the house has it, otherwise asked for by its track", () => {
    expect(choiceOfTrack(track("youtube:a", "Été", "ete"))).toEqual({ song_id: "ete" });
    expect(choiceOfTrack(track("youtube:a", "Été"))).toEqual({ track: { id: "youtube:a", title: "Été", artist: "Les Zazous", duration_s: 60 } });
  });
});

describe("typing", () => {
  const asked: string[] = [];
  const aborted: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = aborted.length = 0;
    useShow.setState({ search: NO_SEARCH });
    vi.stubGlobal("fetch", (path: string, { signal }: RequestInit) => {
      const query = new URL(path, "http://house").searchParams.get("q") ?? "";
      asked.push(query);
      return new Promise<Response>((resolve, reject) => {
        signal?.addEventListener("abort", () => (aborted.push(query), reject(signal.reason as Error)));
        setTimeout(() => resolve(new Response(JSON.stringify({ query, tracks: [track(`youtube:${query}`, query)], sources: [] }))), 1_000);
      });
    });
  });
  afterEach(() => {
    typeQuery("");
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("asks once for what was typed in a row, and leaves the question before when another begins", async () => {
    for (const query of ["ét", "éto", "étoi"]) typeQuery(query);
    await vi.advanceTimersByTimeAsync(400);
    typeQuery("étoile");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(asked).toEqual(["étoi", "étoile"]);
    expect(aborted).toEqual(["étoi"]);
    expect(useShow.getState().search).toMatchObject({ phase: "found", tracks: [{ id: "youtube:étoile" }] });
  });

  it("asks nobody for a single letter", async () => {
    typeQuery("é");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(asked).toEqual([]);
  });

  it("waits as long as the house says when it was asked too often, and asks again by itself", async () => {
    let calls = 0;
    vi.stubGlobal("fetch", () => {
      calls += 1;
      const busy = new Response(JSON.stringify({ code: "busy" }), { status: 429, headers: { "retry-after": "3" } });
      return Promise.resolve(calls === 1 ? busy : new Response(JSON.stringify({ tracks: [], sources: [] })));
    });
    typeQuery("étoile");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(useShow.getState().search).toMatchObject({ phase: "waiting", problem: "busy" });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(useShow.getState().search).toMatchObject({ phase: "found", problem: null });
    expect(calls).toBe(2);
  });
});

describe("a session that waits for its song", () => {
  it("is sung in only where the singer still wants it the same way", () => {
    useShow.setState({ nickname: " Zaza ", level: "strict", keyShiftSemitones: -2, tempo: 1 });
    const wishes = wishesNow();
    expect(wishes).toEqual({ singer: "Zaza", level: "strict", language: "fr", key_shift_semitones: -2 });
    expect(fits({ song_id: "a", ...wishes }, wishes)).toBe(true);
    expect(fits({ song_id: "a", ...wishes }, { ...wishes, tempo: 0.8 })).toBe(false);
    expect(fits({ song_id: "a", ...wishes, level: "kind" }, wishes)).toBe(false);
  });

  it("is found again after a reload, and nothing else is", () => {
    const waiting = {
      session: { session_id: "s", token: "t", expires_s: 9, ice_servers: [] },
      request: { song_id: "a", level: "kind", language: "fr" },
      song: song("a", "Été"),
      choice: { song_id: "a" },
      trackId: null,
    };
    expect(parseWaiting(JSON.stringify(waiting))).toEqual(waiting);
    for (const text of [null, "", "{", "null", "[]", "{}", JSON.stringify({ ...waiting, session: {} }), JSON.stringify({ ...waiting, song: null })])
      expect(parseWaiting(text)).toBeNull();
  });
});

describe("figures in words", () => {
  it("are minutes from a minute and a half on, otherwise steps of five seconds, and never nothing", () => {
    expect([200, 90, 62, 0.4].map(roundedLeft)).toEqual([
      { minutes: 3, seconds: 0 },
      { minutes: 2, seconds: 0 },
      { minutes: 0, seconds: 65 },
      { minutes: 0, seconds: 5 },
    ]);
  });

  it("give a reference one star at least and five at most", () => {
    expect([0, 0.42, 0.61, 1].map(trustOf)).toEqual([
      { stars: 1, trust: "weak" },
      { stars: 2, trust: "fair" },
      { stars: 3, trust: "good" },
      { stars: 5, trust: "superb" },
    ]);
  });
});

describe("words moved by ear", () => {
  it("stay within ten seconds and gather no dust", () => {
    expect([12, -12, 0.1 + 0.2, -0.0001].map(wholeOffset)).toEqual([10, -10, 0.3, 0]);
    for (let step = 0; step < 3; step++) moveWordsBy(0.05);
    expect(useShow.getState().words).toEqual({ offsetS: 0.15, keeping: "keeping" });
  });
});

describe("what the house lacks", () => {
  const lacking = (name: string, detail = "") => ({ name, is_there: false, detail });

  it("is told at the machine only, once, and not where it was switched off on purpose", () => {
    expect(["localhost", "127.0.0.1", "[::1]"].every(atTheMachine)).toBe(true);
    expect(["192.168.1.20", "voice.example", "localhost.example"].some(atTheMachine)).toBe(false);
    expect(untold([lacking("youtube"), lacking("separation")], ["youtube"]).map(({ name }) => name)).toEqual(["separation"]);
    expect(missingAbilities([lacking("youtube", "switched off (VOICEJURY_YOUTUBE)"), { ...lacking("lyrics"), is_there: true }])).toEqual([]);
  });

  it("comes with the command that the house itself names", () => {
    expect(remedyIn("no weights: run `voicejury models fetch htdemucs`")).toBe("voicejury models fetch htdemucs");
    expect(remedyIn("does not answer")).toBeNull();
  });
});
