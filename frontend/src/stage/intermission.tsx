import { Dialog } from "radix-ui";

import { useTexts } from "../i18n/language";
import { resumeSong } from "../show/performing";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { GuideVolume } from "../ui/guide-volume";

/** The pause: the song waits, the guide voice can be set, and the way back is the big button. */
export function Intermission() {
  const { stage } = useTexts();
  const { paused, leaving } = useShow((state) => state.stage);
  return (
    <Dialog.Root open={paused && !leaving} onOpenChange={(open) => !open && void resumeSong()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-night/85" />
        <Dialog.Content className="fixed top-1/2 left-1/2 grid w-[min(92vw,28rem)] -translate-1/2 justify-items-center gap-5 rounded-3xl border border-edge bg-velvet p-8 text-center">
          <Dialog.Title className="text-6xl">{stage.paused}</Dialog.Title>
          <Dialog.Description className="text-xl text-dim">{stage.pausedText}</Dialog.Description>
          <GuideVolume />
          <Button look="gold" onClick={() => void resumeSong()}>
            {stage.resume}
          </Button>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
