import { useRef, useState, type PointerEvent, type ReactNode } from "react";

import { useTexts } from "../i18n/language";
import { useShow } from "../show/state";
import { moveWordsBy, moveWordsTo, OFFSET_LIMIT_S, OFFSET_STEP_S } from "../show/words-offset";

const PX_PER_S = 160; // of dragging; half a second is a thumb's width

const KEYS: Record<string, number> = {
  ArrowLeft: -OFFSET_STEP_S,
  ArrowDown: -OFFSET_STEP_S,
  ArrowRight: OFFSET_STEP_S,
  ArrowUp: OFFSET_STEP_S,
  PageDown: -10 * OFFSET_STEP_S,
  PageUp: 10 * OFFSET_STEP_S,
};

/** A line of words that can be pushed: to the right it comes later, to the left earlier. */
export function DraggableWords({ children }: { children: ReactNode }) {
  const { words } = useTexts();
  const offsetS = useShow((state) => state.words.offsetS);
  const grip = useRef<{ x: number; offsetS: number } | null>(null);
  const [pushedPx, setPushedPx] = useState(0);
  const drag = ({ clientX }: PointerEvent) => {
    if (!grip.current) return;
    setPushedPx(clientX - grip.current.x);
    moveWordsTo(grip.current.offsetS + (clientX - grip.current.x) / PX_PER_S);
  };
  const letGo = () => {
    grip.current = null;
    setPushedPx(0);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      data-testid="words-line"
      aria-label={words.line}
      aria-valuemin={-OFFSET_LIMIT_S}
      aria-valuemax={OFFSET_LIMIT_S}
      aria-valuenow={offsetS}
      aria-valuetext={words.value(offsetS)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = { x: event.clientX, offsetS };
      }}
      onPointerMove={drag}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onKeyDown={(event) => {
        const step = KEYS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        moveWordsBy(step);
      }}
      style={{ transform: `translateX(${pushedPx}px)` }}
      className="flex size-full cursor-ew-resize touch-none items-center justify-center rounded-2xl outline-2 -outline-offset-2 outline-edge outline-dashed select-none landscape:max-lg:justify-start"
    >
      {children}
    </div>
  );
}
