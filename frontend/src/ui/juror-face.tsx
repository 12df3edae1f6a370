/** The three jurors, drawn: nobody real, each with one mood that follows the vote. */

export type Mood = "thinking" | "yes" | "no";

interface FaceProps {
  mood: Mood;
}

const MOUTH: Record<Mood, string> = {
  thinking: "M40 82q10 2 20 -2",
  yes: "M34 76q16 20 32 0z",
  no: "M36 86q14 -14 28 0",
};

const BROWS: Record<Mood, string> = {
  thinking: "M28 44l16 -6M56 42h16",
  yes: "M27 42q8 -8 17 -2M56 40q9 -6 17 2",
  no: "M28 38l17 7M55 45l17 -7",
};

function Features({ mood, ink }: { mood: Mood; ink: string }) {
  return (
    <>
      <path d={BROWS[mood]} stroke={ink} strokeWidth="4" strokeLinecap="round" fill="none" />
      <ellipse cx="37" cy="53" rx="4.5" ry={mood === "yes" ? 3 : 5} fill={ink} />
      <ellipse cx="64" cy="53" rx="4.5" ry={mood === "yes" ? 3 : 5} fill={ink} />
      <path d="M50 56q-5 10 2 11" stroke={ink} strokeWidth="3" strokeLinecap="round" fill="none" />
      <path d={MOUTH[mood]} stroke={ink} strokeWidth="4" strokeLinecap="round" fill={mood === "yes" ? "#fff" : "none"} />
    </>
  );
}

function Diva({ mood }: FaceProps) {
  return (
    <>
      <path d="M12 100Q-4 20 50 6q56 12 38 94z" fill="#7b1f4b" />
      <path d="M22 100q4 -16 28 -16t28 16z" fill="#f5c451" />
      <ellipse cx="50" cy="60" rx="29" ry="33" fill="#c98a62" />
      <path d="M20 54Q22 18 54 22q28 4 27 34Q66 40 54 30 40 46 20 54z" fill="#a32a63" />
      <Features mood={mood} ink="#3a1524" />
      <circle cx="20" cy="76" r="5" fill="#f5c451" />
      <circle cx="80" cy="76" r="5" fill="#f5c451" />
      <path d="M66 12l4 9 10 1-8 6 3 9-9-5-8 6 2-10-8-6 10-1z" fill="#f5c451" />
    </>
  );
}

function Metronome({ mood }: FaceProps) {
  return (
    <>
      <path d="M18 100q6 -18 32 -18t32 18z" fill="#24304f" />
      <path d="M44 84l6 8 6 -8 -2 16h-8z" fill="#6fe3ff" />
      <rect x="23" y="22" width="54" height="66" rx="20" fill="#e7c3a4" />
      <path d="M21 40q0 -28 29 -28t29 28l-6 -6H27z" fill="#1a1a22" />
      <Features mood={mood} ink="#1c1c28" />
      <g fill="none" stroke="#1c1c28" strokeWidth="3">
        <rect x="26" y="44" width="21" height="18" rx="4" />
        <rect x="54" y="44" width="21" height="18" rx="4" />
        <path d="M47 51h7" />
      </g>
      <path d="M86 90l6 -46" stroke="#f5c451" strokeWidth="4" strokeLinecap="round" />
      <circle cx="90" cy="58" r="5" fill="#f5c451" />
    </>
  );
}

function Grandmother({ mood }: FaceProps) {
  return (
    <>
      <path d="M10 100q8 -20 40 -20t40 20z" fill="#4b3a78" />
      <path d="M24 92q26 12 52 0l4 8H20z" fill="#cdb7ff" />
      <circle cx="50" cy="13" r="12" fill="#dedbe8" />
      <path d="M16 62Q12 18 50 18t34 44q-4 12 -10 14V44q-24 -4 -48 0v32q-6 -2 -10 -14z" fill="#eceaf3" />
      <ellipse cx="50" cy="58" rx="27" ry="31" fill="#f0cdb4" />
      <path d="M24 46q10 -16 26 -16t26 16q-26 -12 -52 0z" fill="#eceaf3" />
      <Features mood={mood} ink="#4a3340" />
      <circle cx="31" cy="68" r="6" fill="#ff8a57" opacity="0.35" />
      <circle cx="69" cy="68" r="6" fill="#ff8a57" opacity="0.35" />
      <g fill="none" stroke="#8d79b4" strokeWidth="2.5">
        <circle cx="37" cy="53" r="10" />
        <circle cx="64" cy="53" r="10" />
      </g>
    </>
  );
}

const FACES: Record<string, (props: FaceProps) => React.JSX.Element> = {
  diva: Diva,
  metronome: Metronome,
  "grand-mere": Grandmother,
};

export const PERSONAS = Object.keys(FACES);

export function JurorFace({ persona, mood, className = "" }: { persona: string; mood: Mood; className?: string }) {
  const Face = FACES[persona] ?? Metronome;
  return (
    <svg viewBox="0 0 100 100" aria-hidden="true" className={className}>
      <Face mood={mood} />
    </svg>
  );
}
