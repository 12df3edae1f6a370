import { describe, expect, it } from "vitest";

import { parseSung } from "./encore";

const sung = { session: { session_id: "s", token: "t", expires_s: 60, ice_servers: [] }, song: { id: "demo", title: "Au clair de la lune" } };

describe("what a reload finds again", () => {
  it("is the session with its token and song", () => {
    expect(parseSung(JSON.stringify(sung))).toEqual(sung);
  });

  it("is nothing where the note is missing, torn or somebody else's", () => {
    for (const text of [null, "", "{", "null", "[]", "{}", JSON.stringify({ session: sung.session }), JSON.stringify({ ...sung, session: { session_id: 3 } })])
      expect(parseSung(text)).toBeNull();
  });
});
