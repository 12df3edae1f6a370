import { useTexts } from "../../i18n/language";
import type { Names } from "./use-bring";

const MOST_CHARACTERS = 200;
const FIELD = "w-full rounded-2xl border border-edge bg-velvet px-5 py-3 text-xl";

export function NameFields({ names, rename }: { names: Names; rename: (change: Partial<Names>) => void }) {
  const { bring } = useTexts();
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <label className="grid gap-1">
        <span className="text-dim">{bring.songTitle}</span>
        <input
          type="text"
          data-testid="bring-title"
          required
          maxLength={MOST_CHARACTERS}
          value={names.title}
          onChange={({ target }) => rename({ title: target.value })}
          className={FIELD}
        />
      </label>
      <label className="grid gap-1">
        <span className="text-dim">{bring.artist}</span>
        <input
          type="text"
          data-testid="bring-artist"
          maxLength={MOST_CHARACTERS}
          value={names.artist}
          onChange={({ target }) => rename({ artist: target.value })}
          className={FIELD}
        />
      </label>
      <label className="grid gap-1 sm:col-span-2">
        <span className="text-dim">{bring.language}</span>
        <select value={names.language} onChange={({ target }) => rename({ language: target.value })} className={`${FIELD} appearance-none`}>
          {Object.entries(bring.languages).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
