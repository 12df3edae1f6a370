/** A song's picture, or a record label painted from its name. */

import { useState } from "react";

function hueOf(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return hash;
}

interface Props {
  song: { id: string; title: string; cover_url: string | null };
  className?: string;
}

export function Cover({ song, className = "" }: Props) {
  const shape = `${className.includes("headliner") ? "" : "aspect-square"} shrink-0 overflow-hidden rounded-2xl ${className}`;
  const [broken, setBroken] = useState(false);
  if (song.cover_url && !broken)
    return <img src={song.cover_url} alt="" onError={() => setBroken(true)} className={`${shape} object-cover`} />;
  const hue = hueOf(song.title);
  const paint = `conic-gradient(from ${hue}deg at 30% 20%, hsl(${hue} 70% 34%), hsl(${(hue + 60) % 360} 75% 22%), hsl(${(hue + 150) % 360} 65% 30%), hsl(${hue} 70% 34%))`;
  return (
    <div aria-hidden="true" className={`${shape} relative grid place-items-center`} style={{ background: paint }}>
      <div className="absolute inset-[12%] rounded-full border border-white/25" />
      <div className="absolute inset-[24%] rounded-full border border-white/20" />
      <span className="font-display text-5xl text-white">{[...song.title][0]?.toUpperCase()}</span>
    </div>
  );
}
