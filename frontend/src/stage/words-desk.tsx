import { useTexts } from "../i18n/language";
import { Button } from "../ui/button";
import { WordsOffsetControl } from "../ui/words-offset-control";

/** Where the words are moved while one sings: at the foot of the stage, never over them. */
export function WordsDesk({ close }: { close: () => void }) {
  const { words, common } = useTexts();
  return (
    <section aria-label={words.title} className="mx-auto flex w-full max-w-xl items-center justify-between gap-2">
      <WordsOffsetControl />
      <Button look="bare" autoFocus data-testid="words-close" onClick={close} aria-label={common.close} className="shrink-0 text-2xl">
        ✕
      </Button>
    </section>
  );
}
