import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

import { useTexts } from "../i18n/language";

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
}

/** A sheet over the screen: from the bottom on a phone, in the middle where there is room. */
export function Sheet({ title, close, children }: Props) {
  const { common } = useTexts();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-20 bg-night/85" />
        <Dialog.Content aria-describedby={undefined} className="sheet z-20">
          <header className="flex items-center justify-between gap-4">
            <Dialog.Title className="text-5xl text-balance landscape:max-lg:text-4xl">{title}</Dialog.Title>
            <Dialog.Close aria-label={common.close} className="min-h-12 min-w-12 shrink-0 rounded-full text-2xl text-dim hover:text-light">
              ✕
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
