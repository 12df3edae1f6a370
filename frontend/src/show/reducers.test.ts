import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { LineRating, LineScoreSchema, LiveScoreSchema } from "../gen/voicejury/v1/live_pb";
import { MicState } from "../gen/voicejury/v1/media_pb";
import { JurorSchema } from "../gen/voicejury/v1/verdict_pb";
import { fits, wishesNow } from "./choice";
import { connectionState, connectionView, troubleOf } from "./connection";
import { filterSongs } from "./home";
import { withJuror } from "./jurors";
import { lineResult, shownScore } from "./lines";
import { trimNickname } from "./prefs";
import { useShow } from "./state";

const fine = { mic: MicState.OK, judgeConnected: true };

describe("a trouble of the server", () => {
  it("is told by what it means for the singer, whatever the live judge calls its own", () => {
    expect(troubleOf("spool-failed")).toBe("unkept");
    expect(troubleOf("take-full")).toBe("full");
    expect(troubleOf("bad-message")).toBe("message");
    expect(troubleOf("a-new-code-of-the-judge")).toBe("judge");
  });
});

describe("the connection as the singer sees it", () => {
  it("is fine when packets arrive and the judge is there", () => {
    expect(connectionView({ phase: "up", micEnded: false, stats: fine })).toBe("ok");
  });

  it("names the link before anything behind it", () => {
    const stats = { mic: MicState.LOST, judgeConnected: false };
    expect(connectionView({ phase: "lost", micEnded: true, stats })).toBe("lost");
    expect(connectionView({ phase: "waiting", micEnded: true, stats })).toBe("reconnecting");
    expect(connectionView({ phase: "up", micEnded: false, stats })).toBe("mic-lost");
    expect(connectionView({ phase: "up", micEnded: false, stats: { ...fine, judgeConnected: false } })).toBe("judge-lost");
  });

  it("reports a mute microphone as a lost one to whoever reads the state", () => {
    const view = connectionView({ phase: "up", micEnded: false, stats: { ...fine, mic: MicState.SILENT } });
    expect([view, connectionState(view)]).toEqual(["silent", "mic-lost"]);
  });
});

describe("what the judge says in mid-song", () => {
  it("shows no score before the first line is over", () => {
    expect(shownScore(create(LiveScoreSchema, { songS: 1.9, pitch: 0, measured: 1 }), 2)).toBeNull();
    expect(shownScore(create(LiveScoreSchema, { songS: 9, pitch: 0, measured: 0 }), 2)).toBeNull();
    expect(shownScore(create(LiveScoreSchema, { songS: 9, pitch: 71.6, measured: 0.1 }), 2)).toBe(72);
  });

  it("names a line that fell into a gap as not heard", () => {
    expect(lineResult(create(LineScoreSchema, { phrase: 2 })).rating).toBe("unmeasured");
    expect(lineResult(create(LineScoreSchema, { rating: LineRating.PERFECT, score: 96.4 }))).toMatchObject({ rating: "perfect", score: 96 });
  });
});

describe("small things", () => {
  it("asks for a jury for children only where it was chosen, and for a new session once that changes", () => {
    const before = { song_id: "demo", ...wishesNow() };
    expect(wishesNow()).not.toHaveProperty("for_children");
    useShow.setState({ forChildren: true });
    expect(wishesNow().for_children).toBe(true);
    expect(fits(before, wishesNow())).toBe(false);
    useShow.setState({ forChildren: false });
  });

  it("keeps one juror each when the stream tells them again", () => {
    const diva = create(JurorSchema, { persona: "diva" });
    const metronome = create(JurorSchema, { persona: "metronome" });
    expect(withJuror([diva, metronome], create(JurorSchema, { persona: "diva" }))).toHaveLength(2);
  });

  it("finds a song without its accents and by words in any order", () => {
    const song = { id: "a", title: "Été indien", artist: "Les Zazous", language: "fr", duration_s: 60, source: "", cover_url: null, guide_url: null, best: null };
    expect(filterSongs([song], "zazous ete")).toHaveLength(1);
    expect(filterSongs([song], "hiver")).toHaveLength(0);
  });

  it("cuts a stage name at 24 characters without halving an emoji", () => {
    expect([...trimNickname("🎤".repeat(30))]).toHaveLength(24);
  });
});
