import { useTexts } from "../i18n/language";

export function BringOwn({ open }: { open: () => void }) {
  const { bring } = useTexts();
  return (
    <button
      type="button"
      data-testid="bring"
      onClick={open}
      className="flex w-full items-center gap-4 rounded-3xl border-2 border-dashed border-edge p-4 text-left hover:border-gold"
    >
      <span aria-hidden="true" className="grid size-14 shrink-0 place-items-center rounded-2xl bg-curtain text-3xl text-gold">
        ♪
      </span>
      <span className="grid">
        <span className="font-display text-3xl leading-none">{bring.open}</span>
        <span className="text-dim">{bring.hint}</span>
      </span>
    </button>
  );
}
