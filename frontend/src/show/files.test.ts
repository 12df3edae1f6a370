import { describe, expect, it } from "vitest";

import { namesIn, songNamesIn, sortFiles, USUAL_LIMITS, wordsFaultIn } from "./files";

const file = (name: string, size = 1_000, type = "") => ({ name, size, type });
const roles = (...names: string[]) =>
  Object.fromEntries(Object.entries(sortFiles(names.map((name) => file(name))).files).map(([role, { name }]) => [role, name]));

describe("the files that somebody brings", () => {
  it("are a song when there is one recording, with its words beside it", () => {
    expect(roles("été.mp3", "été.lrc")).toEqual({ audio: "été.mp3", lyrics: "été.lrc" });
  });

  it("are a karaoke pair when there are two, whichever comes first", () => {
    const sorted = { instrumental: "Song (Instrumental).mp3", vocals: "Song (Vocals).mp3" };
    expect(roles(sorted.instrumental, sorted.vocals)).toEqual(sorted);
    expect(roles(sorted.vocals, sorted.instrumental)).toEqual(sorted);
    expect(roles("voix.wav", "chanson.wav")).toEqual({ instrumental: "chanson.wav", vocals: "voix.wav" });
    expect(roles("with no vocals.wav", "lead vocals.wav")).toEqual({ instrumental: "with no vocals.wav", vocals: "lead vocals.wav" });
  });

  it("are refused before they are sent when they are empty, too heavy, too many or no sound", () => {
    expect(sortFiles([file("a.mp3", 0)]).fault).toBe("empty");
    expect(sortFiles([file("a.wav", USUAL_LIMITS.bytes / 2), file("b.wav", USUAL_LIMITS.bytes / 2 + 1)]).fault).toBe("too-large");
    expect(sortFiles([file("a.mp3"), file("b.mp3"), file("c.mp3")]).fault).toBe("too-many");
    expect(sortFiles([file("invoice.pdf")]).fault).toBe("unknown");
    expect(sortFiles([file("recording", 9, "audio/mp4")]).fault).toBeNull();
  });

  it("may be as heavy as this house takes, whatever others do, and their words weigh nothing", () => {
    const small = { bytes: 1_000, duration_s: 60 };
    expect(sortFiles([file("a.wav", 600), file("b.wav", 401)], small).fault).toBe("too-large");
    expect(sortFiles([file("a.wav", 600), file("b.wav", 400), file("a.lrc", 500)], small).fault).toBeNull();
    expect(sortFiles([file("a.wav", USUAL_LIMITS.bytes + 1)], { bytes: 1e12, duration_s: 60 }).fault).toBeNull();
  });

  it("tell title and artist by their names", () => {
    expect(namesIn("03 - Les Zazous - Été indien (karaoke).mp3")).toEqual({ artist: "Les Zazous", title: "Été indien" });
    expect(namesIn("au_clair_de_la_lune.flac")).toEqual({ artist: "", title: "au clair de la lune" });
    expect(namesIn("99 Luftballons.mp3")).toEqual({ artist: "", title: "99 Luftballons" });
  });

  it("are called as their UltraStar text says, whatever its encoding", () => {
    const text = "#TITLE:Été indien\r\n#ARTIST: Les Zazous\r\n#bpm:300\r\n: 0 4 60 Hé\r\n";
    expect(songNamesIn(text)).toEqual({ title: "Été indien", artist: "Les Zazous" });
    expect(songNamesIn([..."\uFFFD" + text.replace("Été", "Air")].join("\0"))).toEqual({ title: "Air indien", artist: "Les Zazous" });
    expect(songNamesIn(text.replace("Été", "\uFFFDt\uFFFD"))).toEqual({ title: "", artist: "Les Zazous" });
    expect(songNamesIn("[ti:Été indien]\n[00:01.00]#TITLE: la la")).toBeNull();
  });

  it("may have words of which the house names the broken line", () => {
    expect(wordsFaultIn("lyrics: line 12: neither a note nor a line end: 'x'")).toBe(12);
    expect(wordsFaultIn("lyrics: these notes are not of this recording")).toBeNull();
    expect(wordsFaultIn("Instrumental and vocals do not belong together")).toBeUndefined();
  });
});
