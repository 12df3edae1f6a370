import { describe, expect, it } from "vitest";

import { parseSung } from "./encore";

const sung = { session: { session_id: "s", token: "t", expires_s: 60, ice_servers: [] }, song: { id: "demo", title: "Au clair de la lune" }, keyShiftSemitones: -2, tempo: 0.8 };

describe("what a reload finds again", () => {
  it("is the session with its token and song, in the key and tempo it was sung in", () => {
    expect(parseSung(JSON.stringify(sung))).toEqual(sung);
  });

  it("is nothing where the note is missing, torn or somebody else's", () => {
    for (const text of [null, "", "{", "null", "[]", "{}", JSON.stringify({ session: sung.session }), JSON.stringify({ ...sung, session: { session_id: 3 } }), JSON.stringify({ ...sung, tempo: 0 })])
      expect(parseSung(text)).toBeNull();
  });
});
