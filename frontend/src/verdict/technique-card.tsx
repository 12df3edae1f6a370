import type { ReactNode } from "react";

import type { LineVerdict, Technique, Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useLanguage, useTexts } from "../i18n/language";
import { Beam, Keyboard, Loudness, Rope, Wave } from "./technique-pictures";
import { clockOf, hasTechnique, noteName, wordsAt } from "./technique";

/** How it was sung, for the pleasure of it; what could not be measured is not there. */
export function TechniqueCard({ verdict }: { verdict: Verdict }) {
  const { verdict: texts } = useTexts();
  const how = verdict.technique;
  if (!hasTechnique(how)) return null;
  return (
    <section data-testid="technique" aria-labelledby="technique-title" className="grid gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h2 id="technique-title" className="text-4xl">
          {texts.technique.title}
        </h2>
        <p className="text-base text-dim">{texts.technique.noPoints}</p>
      </div>
      <ul className="technique-grid">
        <Vibrato how={how} />
        <Longest how={how} lines={verdict.lines} />
        <Range how={how} />
        <Stability how={how} />
        <Dynamics how={how} />
      </ul>
      <Counts how={how} />
    </section>
  );
}

interface TileProps {
  name: string;
  figures: readonly Amount[];
  words: string;
  wide?: boolean;
  children: ReactNode;
}

type Amount = readonly [value: string, unit: string];

function Tile({ name, figures, words, wide = false, children }: TileProps) {
  return (
    <li className={`tile ${wide ? "tile-wide" : ""}`}>
      <h3 className="text-2xl text-gold">{name}</h3>
      <div className="tile-picture">{children}</div>
      <p className="flex flex-wrap items-baseline gap-x-3">
        {figures.map(([value, unit]) => (
          <span key={unit} className="whitespace-nowrap">
            <span className="font-display text-4xl leading-none tabular-nums">{value}</span>
            {unit && <span className="text-lg font-semibold"> {unit}</span>}
          </span>
        ))}
      </p>
      <p className="tile-words text-base leading-snug text-dim">{words}</p>
    </li>
  );
}

function Vibrato({ how: { vibratoHz, vibratoCents, vibratoShare } }: { how: Technique }) {
  const { verdict, common } = useTexts();
  if (vibratoHz === undefined || vibratoCents === undefined) return null;
  const { technique } = verdict;
  return (
    <Tile
      wide
      name={technique.vibrato}
      figures={[
        [common.number(vibratoHz), "Hz"],
        [`±${Math.round(vibratoCents)}`, "cents"],
      ]}
      words={vibratoShare === undefined ? "" : technique.vibratoShare(Math.round(100 * vibratoShare))}
    >
      <Wave rateHz={vibratoHz} extentCents={vibratoCents} />
    </Tile>
  );
}

function Longest({ how: { longestNoteS, longestNoteAtS }, lines }: { how: Technique; lines: readonly LineVerdict[] }) {
  const { verdict, common } = useTexts();
  if (longestNoteS === undefined || longestNoteAtS === undefined) return null;
  const { technique } = verdict;
  return (
    <Tile
      wide
      name={technique.longest}
      figures={[[common.number(longestNoteS), "s"]]}
      words={technique.longestAt(clockOf(longestNoteAtS), wordsAt(lines, longestNoteAtS))}
    >
      <Beam seconds={longestNoteS} />
    </Tile>
  );
}

function Range({ how: { lowestMidi, highestMidi } }: { how: Technique }) {
  const { technique } = useTexts().verdict;
  const language = useLanguage((state) => state.language);
  if (lowestMidi === undefined || highestMidi === undefined) return null;
  const semitones = Math.round(highestMidi) - Math.round(lowestMidi);
  const low = noteName(lowestMidi, language);
  return (
    <Tile
      wide
      name={technique.range}
      figures={[[semitones === 0 ? low : `${low} → ${noteName(highestMidi, language)}`, ""]]}
      words={technique.rangeText(semitones)}
    >
      <Keyboard lowestMidi={lowestMidi} highestMidi={highestMidi} />
    </Tile>
  );
}

function Stability({ how: { stabilityCents } }: { how: Technique }) {
  const { technique } = useTexts().verdict;
  if (stabilityCents === undefined) return null;
  return (
    <Tile name={technique.stability} figures={[[`±${Math.round(stabilityCents)}`, "cents"]]} words={technique.stabilityText(stabilityCents)}>
      <Rope cents={stabilityCents} />
    </Tile>
  );
}

function Dynamics({ how: { dynamicsDb } }: { how: Technique }) {
  const { technique } = useTexts().verdict;
  if (dynamicsDb === undefined) return null;
  return (
    <Tile name={technique.dynamics} figures={[[String(Math.round(dynamicsDb)), "dB"]]} words={technique.dynamicsText(dynamicsDb)}>
      <Loudness db={dynamicsDb} />
    </Tile>
  );
}

function Counts({ how: { scoops, breaths, tuningCents } }: { how: Technique }) {
  const { technique, cents } = useTexts().verdict;
  const counts = [
    ...(tuningCents !== undefined && Math.round(tuningCents) !== 0 ? [technique.tuning(cents(tuningCents))] : []),
    ...(scoops > 0 ? [technique.scoops(scoops)] : []),
    ...(breaths > 0 ? [technique.breaths(breaths)] : []),
  ];
  if (counts.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2">
      {counts.map((count) => (
        <li key={count} className="rounded-full border border-edge px-4 py-1 text-base">
          {count}
        </li>
      ))}
    </ul>
  );
}
