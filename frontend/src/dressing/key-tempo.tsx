import { useTexts } from "../i18n/language";
import { moveKey, moveTempo, resetMove, KEY_LIMIT, TEMPO_LIMITS, TEMPO_STEP } from "../show/moves";
import { useShow } from "../show/state";
import { Button } from "../ui/button";

/** Key and tempo, chosen before the microphone check: the session is asked for with them. */
export function KeyTempo() {
  const { moves } = useTexts();
  const { keyShiftSemitones, tempo } = useShow();
  const percent = Math.round(tempo * 100);
  const isMoved = keyShiftSemitones !== 0 || tempo !== 1;
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1 text-dim">{moves.title}</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <Stepper
          name={moves.key}
          value={moves.keyValue(keyShiftSemitones)}
          less={{ words: moves.lower, off: keyShiftSemitones <= -KEY_LIMIT, act: () => moveKey(-1) }}
          more={{ words: moves.higher, off: keyShiftSemitones >= KEY_LIMIT, act: () => moveKey(1) }}
        />
        <Stepper
          name={moves.tempo}
          value={moves.tempoValue(percent)}
          less={{ words: moves.slower, off: tempo <= TEMPO_LIMITS[0], act: () => moveTempo(-TEMPO_STEP) }}
          more={{ words: moves.faster, off: tempo >= TEMPO_LIMITS[1], act: () => moveTempo(TEMPO_STEP) }}
        />
      </div>
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-4">
        <p className="flex-1 basis-60 text-base text-dim">{moves.hint}</p>
        <Button look="bare" onClick={resetMove} className={isMoved ? "" : "invisible"}>
          {moves.reset}
        </Button>
      </div>
    </fieldset>
  );
}

interface Step {
  words: string;
  off: boolean;
  act: () => void;
}

function Stepper({ name, value, less, more }: { name: string; value: string; less: Step; more: Step }) {
  return (
    <div role="group" aria-label={name} className="flex items-center gap-2 rounded-2xl border-2 border-edge bg-velvet p-2">
      <StepButton sign="−" step={less} />
      <p className="min-w-0 flex-1 text-center leading-tight">
        <span className="block text-base text-dim">{name}</span>
        <span aria-live="polite" className="font-semibold">
          {value}
        </span>
      </p>
      <StepButton sign="+" step={more} />
    </div>
  );
}

function StepButton({ sign, step }: { sign: string; step: Step }) {
  return (
    <button
      type="button"
      aria-label={step.words}
      aria-disabled={step.off}
      onClick={() => !step.off && step.act()}
      className="size-12 shrink-0 rounded-full bg-curtain text-2xl font-semibold hover:text-gold aria-disabled:opacity-40"
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
