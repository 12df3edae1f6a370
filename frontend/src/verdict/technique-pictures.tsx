/** Small pictures of a voice; the figures beside them say the same in words. */

import { pianoKeys, WAVE, wavePath } from "./technique";

/** The vibrato as it swings; it runs by, and stands still for whoever asks for less motion. */
export function Wave({ rateHz, extentCents }: { rateHz: number; extentCents: number }) {
  return (
    <svg viewBox={`0 0 ${WAVE.width} ${WAVE.height}`} preserveAspectRatio="none" aria-hidden="true" className="h-14 w-full overflow-hidden">
      <line x1="0" x2={WAVE.width} y1={WAVE.height / 2} y2={WAVE.height / 2} className="stroke-edge" strokeDasharray="3 6" />
      <path d={wavePath(rateHz, extentCents)} className="wave fill-none stroke-hit" strokeWidth="3" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

const FULL_BEAM_S = 8;

/** A beam of light as long as the note was held. */
export function Beam({ seconds }: { seconds: number }) {
  const length = 14 + 104 * Math.min(1, seconds / FULL_BEAM_S);
  return (
    <svg viewBox="0 0 120 48" preserveAspectRatio="none" aria-hidden="true" className="h-12 w-full text-gold">
      <defs>
        <linearGradient id="beam">
          <stop offset="0" stopColor="currentColor" stopOpacity="0.15" />
          <stop offset="1" stopColor="currentColor" />
        </linearGradient>
      </defs>
      <rect x="0" width="120" y="17" height="14" rx="7" className="fill-curtain" />
      <rect x="0" width={length} y="17" height="14" rx="7" fill="url(#beam)" />
    </svg>
  );
}

const WHITE_WIDTH = 10;
const KEYS_HEIGHT = 44;

/** The keys between the lowest and the highest note that were sung. */
export function Keyboard({ lowestMidi, highestMidi }: { lowestMidi: number; highestMidi: number }) {
  const keys = pianoKeys(lowestMidi, highestMidi);
  const whites = keys.filter(({ black }) => !black);
  const left = (midi: number) => whites.filter((key) => key.midi < midi).length * WHITE_WIDTH;
  return (
    <svg viewBox={`0 0 ${whites.length * WHITE_WIDTH} ${KEYS_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" className="h-14 w-full">
      {whites.map(({ midi, sung }) => (
        <rect key={midi} x={left(midi) + 0.5} width={WHITE_WIDTH - 1} height={KEYS_HEIGHT} rx="1.5" className={sung ? "fill-gold" : "fill-curtain"} />
      ))}
      {keys
        .filter(({ black }) => black)
        .map(({ midi, sung }) => (
          <rect key={midi} x={left(midi) - 3} width="6" height={KEYS_HEIGHT * 0.6} rx="1" className={sung ? "fill-[#8a6a1f]" : "fill-night"} />
        ))}
    </svg>
  );
}

const FULL_SWAY_CENTS = 40;

/** A rope-walker's rope: the stiller the note, the straighter it hangs. */
export function Rope({ cents }: { cents: number }) {
  const sway = 20 * Math.min(1, cents / FULL_SWAY_CENTS);
  const y = (x: number) => 24 + sway * (0.6 * Math.sin(x / 14) + 0.4 * Math.sin(x / 5.3 + 1));
  const points = Array.from({ length: 41 }, (_, index) => `${index * 3},${y(index * 3).toFixed(1)}`).join(" ");
  return (
    <svg viewBox="0 0 120 48" preserveAspectRatio="none" aria-hidden="true" className="h-12 w-full">
      <line x1="0" x2="120" y1="24" y2="24" className="stroke-edge" strokeDasharray="3 6" vectorEffect="non-scaling-stroke" />
      <polyline points={points} className="fill-none stroke-hit" strokeWidth="3" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

const BARS = 8;
const FULL_DB = 24;

/** From soft to loud, as many bars as the voice dared. */
export function Loudness({ db }: { db: number }) {
  const lit = Math.max(1, Math.round((BARS * Math.min(db, FULL_DB)) / FULL_DB));
  return (
    <svg viewBox="0 0 120 48" preserveAspectRatio="none" aria-hidden="true" className="h-12 w-full">
      {Array.from({ length: BARS }, (_, bar) => {
        const height = 8 + (40 * bar) / (BARS - 1);
        return <rect key={bar} x={bar * 15 + 2} width="10" y={48 - height} height={height} rx="3" className={bar < lit ? "fill-gold" : "fill-curtain"} />;
      })}
    </svg>
  );
}
