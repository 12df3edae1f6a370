import { Slider } from "radix-ui";
import { useEffect, useState } from "react";

import type { StemId } from "../api/studio";
import { useTexts } from "../i18n/language";
import { audioContext } from "../show/theatre";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { clockOf } from "../verdict/technique";
import { loadTape, type Tape } from "./load";
import { Mixer } from "./mixer";

const LOOK_MS = 100; // how often the clock on the page is set

type Loading = { phase: "loading" } | { phase: "failed" } | { phase: "loaded"; tape: Tape; mixer: Mixer };

/** The stems of a take and its song, to be heard together or one by one. */
export function Studio() {
  const { studio, common } = useTexts();
  const [attempt, setAttempt] = useState(0);
  const loading = useTape(attempt);
  return (
    <section aria-label={studio.title} className="grid gap-4 rounded-3xl bg-velvet p-5">
      <h2 className="text-4xl">{studio.title}</h2>
      {loading.phase === "loading" && <p role="status">{studio.loading}</p>}
      {loading.phase === "failed" && (
        <div className="grid justify-items-start gap-3">
          <p role="alert">{studio.failed}</p>
          <Button onClick={() => setAttempt((before) => before + 1)}>{common.retry}</Button>
        </div>
      )}
      {loading.phase === "loaded" && <Desk mixer={loading.mixer} tape={loading.tape} />}
    </section>
  );
}

function useTape(attempt: number): Loading {
  const session = useShow((state) => state.session);
  const keyShiftSemitones = useShow((state) => state.keyShiftSemitones);
  const tempo = useShow((state) => state.tempo);
  const [loading, setLoading] = useState<Loading>({ phase: "loading" });
  useEffect(() => {
    let current = true;
    let mixer: Mixer | null = null;
    const load = async () => {
      if (!session) return setLoading({ phase: "failed" });
      setLoading({ phase: "loading" });
      const context = audioContext();
      const tape = await loadTape(session, context, { keyShiftSemitones, tempo });
      if (!current) return;
      mixer = new Mixer(context, tape.stems);
      setLoading({ phase: "loaded", tape, mixer });
    };
    load().catch(() => current && setLoading({ phase: "failed" }));
    return () => {
      current = false;
      mixer?.close();
    };
  }, [session, keyShiftSemitones, tempo, attempt]);
  return loading;
}

function Desk({ mixer, tape }: { mixer: Mixer; tape: Tape }) {
  const { studio } = useTexts();
  const [soloed, setSoloed] = useState<StemId | null>(null);
  if (tape.stems.length === 0) return <p>{studio.empty}</p>;
  const solo = (id: StemId) => {
    const next = soloed === id ? null : id;
    mixer.solo(next);
    setSoloed(next);
  };
  return (
    <>
      <p className="text-dim">{tape.missing ? studio.missing[tape.missing] : studio.intro}</p>
      <Transport mixer={mixer} />
      <ul className="grid gap-3">
        {tape.ids.map((id) => (
          <li key={id}>
            <Fader id={id} mixer={mixer} soloed={soloed} onSolo={() => solo(id)} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Transport({ mixer }: { mixer: Mixer }) {
  const { studio } = useTexts();
  const [positionS, setPositionS] = useState(0);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      setPositionS(mixer.positionS);
      if (mixer.atEnd) {
        mixer.pause();
        setPlaying(false);
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [mixer, playing]);
  const toggle = () => {
    if (playing) mixer.pause();
    else mixer.play();
    setPlaying(!playing);
  };
  const seek = ([songS = 0]: number[]) => {
    mixer.seek(songS);
    setPositionS(songS);
  };
  return (
    <div className="flex items-center gap-4">
      <Button look="gold" data-testid="studio-play" aria-label={playing ? studio.pause : studio.play} onClick={toggle} className="size-16 shrink-0 px-0!">
        <span aria-hidden="true">{playing ? "❚❚" : "▶"}</span>
      </Button>
      <Slider.Root
        min={0}
        max={Math.max(1, mixer.durationS)}
        step={0.1}
        value={[positionS]}
        onValueChange={seek}
        className="relative flex h-12 min-w-0 flex-1 touch-none items-center"
      >
        <Slider.Track className="h-2 grow rounded-full bg-curtain">
          <Slider.Range className="absolute h-2 rounded-full bg-gold" />
        </Slider.Track>
        <Slider.Thumb
          aria-label={studio.position}
          aria-valuetext={clockOf(positionS)}
          className="block size-7 rounded-full bg-light"
        />
      </Slider.Root>
      <span className="w-14 text-right text-lg text-dim tabular-nums">{clockOf(positionS)}</span>
    </div>
  );
}

function Fader({ id, mixer, soloed, onSolo }: { id: StemId; mixer: Mixer; soloed: StemId | null; onSolo: () => void }) {
  const { studio } = useTexts();
  const [volume, setVolume] = useState(1);
  const name = studio.names[id];
  const isMuted = soloed !== null && soloed !== id;
  const change = ([next = 0]: number[]) => {
    mixer.setVolume(id, next);
    setVolume(next);
  };
  return (
    <div className={`grid gap-1 rounded-2xl bg-night/50 p-4 ${isMuted ? "opacity-60" : ""}`}>
      <div className="flex items-center justify-between gap-3">
        <span className="min-w-0 font-semibold">{name}</span>
        <button
          type="button"
          aria-label={studio.soloOf(name)}
          aria-pressed={soloed === id}
          onClick={onSolo}
          className="min-h-12 rounded-full border-2 border-edge px-4 font-semibold aria-pressed:border-gold aria-pressed:bg-gold/15 aria-pressed:text-gold"
        >
          {studio.solo}
        </button>
      </div>
      <div className="flex items-center gap-4">
        <Slider.Root
          min={0}
          max={1}
          step={0.05}
          value={[volume]}
          onValueChange={change}
          className="relative flex h-12 flex-1 touch-none items-center"
        >
          <Slider.Track className="h-2 grow rounded-full bg-curtain">
            <Slider.Range className="absolute h-2 rounded-full bg-gold" />
          </Slider.Track>
          <Slider.Thumb aria-label={studio.volumeOf(name)} className="block size-7 rounded-full bg-light" />
        </Slider.Root>
        <span className="w-14 text-right text-lg text-dim tabular-nums">{Math.round(volume * 100)} %</span>
      </div>
    </div>
  );
}
