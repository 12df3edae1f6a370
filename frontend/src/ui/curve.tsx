/** What was sung over what was written, as two families of lines: gaps stay gaps. */

import { useMemo } from "react";

export interface CurveDot {
  readonly songS: number;
  readonly sungMidi: number; // 0 = unvoiced
  readonly writtenMidi: number; // 0 = rest
}

const WIDTH = 1000;
const MARGIN_SEMITONES = 2;
const BREAK_S = 0.2; // a longer hole between two points is not drawn over

export interface Frame {
  readonly fromS: number;
  readonly toS: number;
  readonly lowMidi: number;
  readonly highMidi: number;
}

export function frameOf(dots: readonly CurveDot[]): Frame {
  let lowMidi = Number.POSITIVE_INFINITY;
  let highMidi = Number.NEGATIVE_INFINITY;
  for (const { writtenMidi, sungMidi } of dots) {
    const midi = writtenMidi || sungMidi;
    if (midi === 0) continue;
    lowMidi = Math.min(lowMidi, midi);
    highMidi = Math.max(highMidi, midi);
  }
  if (lowMidi > highMidi) [lowMidi, highMidi] = [57, 69];
  const fromS = dots[0]?.songS ?? 0;
  const toS = Math.max(fromS + 1, dots.at(-1)?.songS ?? 1);
  return { fromS, toS, lowMidi: lowMidi - MARGIN_SEMITONES, highMidi: highMidi + MARGIN_SEMITONES };
}

/** An SVG path through the points with a pitch; a rest or a hole lifts the pen. */
export function curvePath(dots: readonly CurveDot[], pick: "sungMidi" | "writtenMidi", frame: Frame, height: number) {
  const x = (s: number) => ((s - frame.fromS) / (frame.toS - frame.fromS)) * WIDTH;
  const y = (midi: number) => height - ((midi - frame.lowMidi) / (frame.highMidi - frame.lowMidi)) * height;
  let path = "";
  let lastS = Number.NEGATIVE_INFINITY;
  for (const dot of dots) {
    const midi = dot[pick];
    if (midi === 0) continue;
    const pen = dot.songS - lastS > BREAK_S ? "M" : "L";
    path += `${pen}${x(dot.songS).toFixed(1)} ${Math.min(height, Math.max(0, y(midi))).toFixed(1)}`;
    lastS = dot.songS;
  }
  return path;
}

const HATCH = 9;

/** Upright strokes across a stretch: nothing was received there, so nothing is drawn but that. */
export function hatch(fromX: number, toX: number, height: number): string {
  let path = "";
  for (let x = fromX; x <= toX; x += HATCH) path += `M${x.toFixed(1)} 0V${height}`;
  return path;
}

interface Props {
  dots: readonly CurveDot[];
  label: string;
  height?: number;
  className?: string;
  /** A stretch to light up, in song seconds. */
  lit?: { fromS: number; toS: number } | null;
  /** Stretches that were not received. */
  gaps?: readonly { fromS: number; toS: number }[];
}

const NO_GAPS: readonly never[] = [];

export function Curve({ dots, label, height = 220, className = "", lit = null, gaps = NO_GAPS }: Props) {
  const { frame, sung, written } = useMemo(() => {
    const frame = frameOf(dots);
    return {
      frame,
      sung: curvePath(dots, "sungMidi", frame, height),
      written: curvePath(dots, "writtenMidi", frame, height),
    };
  }, [dots, height]);
  const x = (s: number) => ((s - frame.fromS) / (frame.toS - frame.fromS)) * WIDTH;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label={label} className={className}>
      {lit && (
        <rect x={x(lit.fromS)} width={Math.max(4, x(lit.toS) - x(lit.fromS))} y="0" height={height} className="fill-gold/20" />
      )}
      {gaps.map(({ fromS, toS }) => (
        <path key={fromS} d={hatch(x(fromS), x(toS), height)} className="stroke-miss/60" strokeWidth="2" fill="none" vectorEffect="non-scaling-stroke" />
      ))}
      <path d={written} className="stroke-edge" strokeWidth="11" strokeLinecap="round" fill="none" vectorEffect="non-scaling-stroke" />
      <path d={sung} className="stroke-hit" strokeWidth="3" strokeLinejoin="round" strokeLinecap="round" fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
