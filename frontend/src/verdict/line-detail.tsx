import { useEffect, useState } from "react";

import type { LineVerdict, Loss, NoteVerdict } from "../gen/voicejury/v1/verdict_pb";
import type { Texts } from "../i18n/fr";
import { useTexts } from "../i18n/language";
import { band } from "../show/evening";
import { Button } from "../ui/button";

const LEAST_SHOWN = 0.05; // less would read as "−0"

/** The notes of one line, what they lost and why, and the music to hear it again. */
export function LineDetail({ line }: { line: LineVerdict }) {
  const texts = useTexts();
  const losses = line.losses.filter(({ points }) => points >= LEAST_SHOWN);
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
    </li>
  );
}

const LEAD_S = 0.3;

function Listen({ line }: { line: LineVerdict }) {
  const { verdict } = useTexts();
  const [playing, setPlaying] = useState(false);
  const player = band();
  useEffect(() => () => player?.stop(), [player]);
  if (!player) return null;
  const toggle = () => {
    if (playing) player.stop();
    else player.excerpt(Math.max(0, line.onsetS - LEAD_S), line.offsetS + LEAD_S, () => setPlaying(false));
    setPlaying(!playing);
  };
  return (
    <Button onClick={toggle} aria-pressed={playing} className="justify-self-start">
      {playing ? `■ ${verdict.stop}` : `▶ ${verdict.listen}`}
    </Button>
  );
}
