import { useEffect, useState } from "react";

import type { LineVerdict, Loss, NoteVerdict } from "../gen/voicejury/v1/verdict_pb";
import type { Texts } from "../i18n/fr";
import { useTexts } from "../i18n/language";
import type { Player } from "../live/player";
import { band } from "../show/evening";
import { fetchBand } from "../show/rehearsal";
import { useShow } from "../show/state";
import { markedWords } from "../show/words-heard";
import { Button } from "../ui/button";
import { MarkedWords } from "../ui/word-mark";

const LEAST_SHOWN = 0.05; // less would read as "−0"

/** The notes of one line, what they lost and why, and the music to hear it again. */
export function LineDetail({ line }: { line: LineVerdict }) {
  const texts = useTexts();
  const losses = line.losses.filter(({ points }) => points >= LEAST_SHOWN);
  const words = markedWords(line.text.split(/\s+/).filter(Boolean), line.words).filter(({ mark }) => mark);
  return (
    <div className="grid gap-4 rounded-2xl bg-velvet/60 p-4">
      <Listen line={line} />
      {line.notes.length > 0 && (
        <ul aria-label={texts.verdict.notes} className="flex flex-wrap gap-2">
          {line.notes.map((note) => (
            <NoteChip key={note.note} note={note} />
          ))}
        </ul>
      )}
      {words.length > 0 && <MarkedWords words={words} label={texts.verdict.words} />}
      {losses.length === 0 ? (
        <p className="text-dim">{texts.verdict.noLoss}</p>
      ) : (
        <ul aria-label={texts.verdict.lossesTitle} className="grid gap-1">
          {losses.map((loss, index) => (
            <li key={index}>{lossText(loss, texts)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function lossText(loss: Loss, texts: Texts): string {
  const { verdict, losses, common } = texts;
  const reason = losses[loss.reason as keyof typeof losses] ?? "";
  const size = loss.cents ? verdict.cents(loss.cents) : loss.ms ? verdict.ms(loss.ms) : "";
  return verdict.loss(common.number(loss.points), reason, loss.word, size);
}

const SOLID = 0.75;
const PARTLY = 0.35;

function NoteChip({ note }: { note: NoteVerdict }) {
  const { verdict } = useTexts();
  const look = !note.measured
    ? "border-dashed border-edge text-dim"
    : note.credit >= SOLID
      ? "border-hit bg-hit/20"
      : note.credit >= PARTLY
        ? "border-near"
        : "border-miss text-miss";
  const shape = !note.measured ? "…" : note.credit >= SOLID ? "●" : note.credit >= PARTLY ? "○" : "✕";
  const cents = note.measured && note.credit < SOLID && note.centsOff !== 0 ? ` ${verdict.cents(note.centsOff)}` : "";
  return (
    <li className={`rounded-full border-2 px-3 py-1 text-base ${look}`}>
      <span aria-hidden="true">{shape} </span>
      {note.syllable || "~"}
      {cents}
      <Marks note={note} />
    </li>
  );
}

/** How the note was sung, beside right and wrong. */
function Marks({ note }: { note: NoteVerdict }) {
  const { technique } = useTexts().verdict;
  return (
    <>
      {note.vibratoHz !== undefined && <Mark sign="∿" words={technique.noteVibrato} />}
      {note.scoop && <Mark sign="⤴" words={technique.noteScoop} />}
    </>
  );
}

function Mark({ sign, words }: { sign: string; words: string }) {
  return (
    <span title={words} className="text-gold">
      <span aria-hidden="true"> {sign}</span>
      <span className="sr-only"> {words}</span>
    </span>
  );
}

const LEAD_S = 0.3;
type Listening = "fetching" | "playing" | "over" | "unheard";

/** The tap that opens a line plays it; the music is fetched again when the page was reloaded. */
function Listen({ line }: { line: LineVerdict }) {
  const { verdict, common } = useTexts();
  const song = useShow((state) => state.song);
  const [listening, setListening] = useState<Listening>("fetching");
  const [wanted, setWanted] = useState(1); // how often it was asked for; 0 = stopped
  useEffect(() => {
    let current = true;
    let player: Player | null = null;
    const play = async () => {
      player = band() ?? (song && (await fetchBand(song)));
      if (!current || !player) return;
      player.excerpt(Math.max(0, line.onsetS - LEAD_S), line.offsetS + LEAD_S, () => setListening("over"));
      setListening("playing");
    };
    if (wanted > 0) play().catch(() => current && setListening("unheard"));
    return () => {
      current = false;
      player?.stop();
    };
  }, [line, song, wanted]);
  const busy = listening === "playing" || listening === "fetching";
  const toggle = () => {
    setListening(busy ? "over" : "fetching");
    setWanted(busy ? 0 : Date.now());
  };
  return (
    <Button onClick={toggle} aria-pressed={listening === "playing"} className="justify-self-start">
      {listening === "fetching" ? common.loading : busy ? `■ ${verdict.stop}` : `▶ ${listening === "unheard" ? common.retry : verdict.listen}`}
    </Button>
  );
}
