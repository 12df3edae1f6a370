import { Slider } from "radix-ui";

import { useTexts } from "../i18n/language";
import { setGuideVolume } from "../show/performing";
import { useShow } from "../show/state";

/** Volume of the guide voice, where the song has one. */
export function GuideVolume() {
  const { dressing } = useTexts();
  const ready = useShow((state) => state.dressing.guideReady);
  const volume = useShow((state) => state.stage.guideVolume);
  if (!ready) return null;
  return (
    <div className="flex w-full items-center gap-4">
      <span className="text-lg whitespace-nowrap text-dim">{dressing.guide}</span>
      <Slider.Root
        min={0}
        max={1}
        step={0.05}
        value={[volume]}
        onValueChange={([value]) => setGuideVolume(value ?? 0)}
        className="relative flex h-11 flex-1 touch-none items-center"
      >
        <Slider.Track className="h-2 grow rounded-full bg-curtain">
          <Slider.Range className="absolute h-2 rounded-full bg-gold" />
        </Slider.Track>
        <Slider.Thumb aria-label={dressing.guide} className="block size-7 rounded-full bg-light" />
      </Slider.Root>
      <span className="w-14 text-right text-lg text-dim">
        {volume === 0 ? dressing.guideOff : `${Math.round(volume * 100)} %`}
      </span>
    </div>
  );
}
