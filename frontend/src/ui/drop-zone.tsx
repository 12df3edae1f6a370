import { useEffect, useState } from "react";

import { useTexts } from "../i18n/language";

/** The whole window takes files that are dropped on it. */
export function DropZone({ dropped }: { dropped: (files: readonly File[]) => void }) {
  const { bring } = useTexts();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    const on = (name: "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) =>
      window.addEventListener(name, act, { signal: leaving.signal });
    on("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", ({ relatedTarget }) => relatedTarget === null && setOver(false));
    on("drop", (event) => {
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      dropped(files);
    });
    return () => leaving.abort();
  });
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-night/85 p-6">
      <p className="grid size-full place-items-center rounded-3xl border-4 border-dashed border-gold text-center font-display text-6xl text-balance text-gold">
        {bring.drop}
      </p>
    </div>
  );
}
