// @vitest-environment jsdom
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { JurorSchema, VerdictSchema } from "../gen/voicejury/v1/verdict_pb";
import { DICTIONARIES } from "../i18n/language";
import { raisersOf } from "./certainty";
import { Comments } from "./comments";
import { soundFacts, Trust, unmeasuredFacts } from "./trust";

const fr = DICTIONARIES.fr;
const curve = Array.from({ length: 300 }, () => ({ writtenMidi: 60 }));
const DEAF = { total: 80, pitch: 80, rhythm: 80, measured: 1, confidence: 0.93, curve };
const deaf = (change: MessageInitShape<typeof VerdictSchema>) => create(VerdictSchema, { ...DEAF, ...change });
const verdict = (change: MessageInitShape<typeof VerdictSchema>) => deaf({ lyrics: 80, ...change });

afterEach(cleanup);

describe("how sure the jury is", () => {
  it("names nothing to mend where everything was heard", () => {
    expect(raisersOf(verdict({ bleed: { method: "cancelled", bleedDb: -5, leftDb: -31 } }))).toEqual([]);
    expect(unmeasuredFacts(verdict({}), fr)).toEqual([]);
  });

  it("names each thing that would make it surer, once", () => {
    const torn = verdict({ measured: 0.8, bleed: { method: "cancelled", leftDb: -3 }, curve: curve.slice(0, 120) });
    expect(raisersOf(torn)).toEqual(["headphones", "network", "longer"]);
    const reasons = { lyrics: "Whisper model not installed: set VOICEJURY_WHISPER_MODEL" };
    expect(raisersOf(deaf({ reasons }))).toEqual(["ears"]);
  });

  it("says what was not measured, and why, in the reader's language", () => {
    const torn = deaf({ measured: 0.8, reasons: { lyrics: "the song has no lyrics" } });
    expect(unmeasuredFacts(torn, fr)).toEqual([`Paroles : ${fr.reasons.nothingWritten}`, fr.trust.lost("20")]);
    expect(unmeasuredFacts(torn, DICTIONARIES.en)[0]).toContain("Words: ");
  });
});

describe("what happened to the take", () => {
  it("tells each way of dealing with the music in the microphone, with its loudness where it was measured", () => {
    const facts = (bleed: object) => soundFacts(verdict({ bleed }), fr.trust);
    expect(facts({ method: "none", reason: "headphones", bleedDb: -60 })).toEqual([fr.trust.bleed.clean]);
    for (const reason of ["moved-song", "no-backing", "no-clock", "setting"] as const) expect(facts({ method: "none", reason })).toEqual([fr.trust.bleed[reason]]);
    expect(facts({ method: "cancelled", reason: "heard", bleedDb: -4.4, leftDb: -27 })[0]).toContain("4 dB sous ta voix, il en reste 27 dB sous ta voix");
    expect(facts({ method: "cancelled", reason: "left" })).toEqual(["La musique du haut-parleur a été effacée de ta prise."]);
    expect(facts({ method: "separated", reason: "left", bleedDb: 6 })[0]).toContain("6 dB au-dessus de ta voix");
    expect(facts({ method: "none", reason: "a-new-reason" })).toEqual([]);
  });

  it("tells what the phone itself had to add", () => {
    expect(soundFacts(verdict({ filledS: 9.84 }), fr.trust)).toEqual([fr.trust.filled(9.84)]);
    expect(fr.trust.filled(9.84)).toContain("9,8 s");
  });

  it("stands in the section with the confidence", () => {
    render(<Trust verdict={verdict({ filledS: 3 })} />);
    expect(screen.getByTestId("trust").textContent).toContain("93 sur 100");
    expect(screen.getByTestId("trust").textContent).toContain(fr.trust.filled(3));
  });
});

describe("what the jurors say", () => {
  const say = (comment: string, toldBy: string) => render(<Comments jury={[create(JurorSchema, { persona: "diva", name: "La Diva", comment, toldBy })]} />);

  it("is text alone, whoever wrote it", () => {
    say('Une voix claire, vraiment. <script>alert(1)</script> <a href="javascript:x">ici</a>', "<b>model</b>");
    expect(document.querySelector("script, a, b")).toBeNull();
    expect(document.body.textContent).toContain("<script>alert(1)</script>");
    expect(document.body.textContent).toContain(fr.verdict.wordsBy("<b>model</b>"));
  });

  it("says when the words are the house's own", () => {
    say("Une voix claire, vraiment.", "grammar");
    expect(document.body.textContent).toContain(fr.verdict.ownWords);
  });
});
