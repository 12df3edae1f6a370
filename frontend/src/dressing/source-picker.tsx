import { lazy, Suspense, useEffect, useState } from "react";

import { asProblem, type ApiCode } from "../api/problem";
import { listCandidates, type Candidate } from "../api/sources";
import type { SourceRemark } from "../i18n/kinds";
import { useTexts } from "../i18n/language";
import { prepareFrom, type OtherSource } from "../show/preparing";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { Cover } from "../ui/cover";
import { Sheet } from "../ui/sheet";
import { Trouble } from "../ui/trouble";
import { Stars } from "./confidence";

const Bring = lazy(() => import("../ui/bring/bring").then(({ Bring }) => ({ default: Bring })));

/** Another recording of the same song: one that was found, an address, or the file itself. */
export function SourcePicker({ close }: { close: () => void }) {
  const { sources, bring } = useTexts();
  const [bringing, setBringing] = useState(false);
  const take = (source: OtherSource) => {
    close();
    prepareFrom(source);
  };
  if (bringing)
    return (
      <Suspense fallback={null}>
        <Bring files={[]} done={({ source_id }) => take({ source_id })} close={close} />
      </Suspense>
    );
  return (
    <Sheet title={sources.title} close={close}>
      <Candidates take={take} />
      <Address take={take} />
      <Button data-testid="bring" onClick={() => setBringing(true)}>
        ♪ {bring.open}
      </Button>
    </Sheet>
  );
}

type Finding = { phase: "asking" } | { phase: "found"; candidates: readonly Candidate[] } | { phase: "failed"; problem: ApiCode };

function useCandidates(): Finding {
  const trackId = useShow((state) => state.trackId);
  const [finding, setFinding] = useState<Finding>(trackId ? { phase: "asking" } : { phase: "found", candidates: [] });
  useEffect(() => {
    if (!trackId) return;
    const leaving = new AbortController();
    listCandidates(trackId, leaving.signal).then(
      (candidates) => setFinding({ phase: "found", candidates }),
      (error: unknown) => !leaving.signal.aborted && setFinding({ phase: "failed", problem: asProblem(error).code }),
    );
    return () => leaving.abort();
  }, [trackId]);
  return finding;
}

function Candidates({ take }: { take: (source: OtherSource) => void }) {
  const { sources, api } = useTexts();
  const finding = useCandidates();
  if (finding.phase === "failed") return <Trouble words={api[finding.problem]} />;
  if (finding.phase === "asking")
    return (
      <div role="status" className="grid gap-2">
        <p className="text-dim">{sources.asking}</p>
        {[0, 1, 2].map((row) => (
          <div key={row} className="h-24 animate-pulse rounded-2xl bg-curtain" />
        ))}
      </div>
    );
  if (finding.candidates.length === 0)
    return (
      <p role="status">
        <span className="block font-semibold">{sources.none}</span>
        <span className="text-dim">{sources.noneFix}</span>
      </p>
    );
  return (
    <ul aria-label={sources.list} className="grid gap-2">
      {finding.candidates.map((candidate) => (
        <li key={candidate.source_id}>
          <CandidateRow candidate={candidate} take={() => take({ source_id: candidate.source_id })} />
        </li>
      ))}
    </ul>
  );
}

const SAME = 0.85;
const CLOSE = 0.6;

function CandidateRow({ candidate, take }: { candidate: Candidate; take: () => void }) {
  const { sources } = useTexts();
  const { source_id, title, artist, match, confidence, is_ready, kind, cover_url, remarks } = candidate;
  const known = remarks.filter((code): code is SourceRemark => code in sources.remarks);
  const fit = match === null ? null : match >= SAME ? sources.match.same : match >= CLOSE ? sources.match.close : sources.match.other;
  return (
    <button
      type="button"
      data-testid={`source-${source_id}`}
      onClick={take}
      className="flex w-full items-center gap-3 rounded-2xl border border-edge bg-curtain p-2 pr-4 text-left hover:border-gold"
    >
      <Cover song={{ id: source_id, title, cover_url: cover_url?.startsWith("/") ? cover_url : null }} className="w-16" />
      <span className="grid min-w-0 grow">
        <span className="truncate font-semibold">{title}</span>
        <span className="truncate text-base text-dim">
          {[sources.kinds[kind] ?? kind, artist, is_ready && sources.ready].filter(Boolean).join(" · ")}
        </span>
        {known.length > 0 && <Remarks codes={known} />}
        <span className="flex flex-wrap gap-x-3 text-base">
          {fit && <span className="text-light">{fit}</span>}
          {confidence === null ? <span className="text-dim">{sources.unknown}</span> : <Stars overall={confidence} />}
        </span>
      </span>
    </button>
  );
}

const GOOD: ReadonlySet<SourceRemark> = new Set<SourceRemark>(["same-length", "official"]);

/** What may be wrong with a recording and what speaks for it. */
function Remarks({ codes }: { codes: readonly SourceRemark[] }) {
  const { sources } = useTexts();
  return (
    <span data-testid="source-remarks" className="flex flex-wrap gap-x-3 text-base">
      {codes.map((code) => (
        <span key={code} className={GOOD.has(code) ? "text-light" : "text-gold"}>
          {GOOD.has(code) ? "✓" : "△"} {sources.remarks[code]}
        </span>
      ))}
    </span>
  );
}

function Address({ take }: { take: (source: OtherSource) => void }) {
  const { sources } = useTexts();
  const [url, setUrl] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      noValidate
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const whole = wholeAddress(url);
        if (whole) take({ url: whole });
        else setWrong(true);
      }}
    >
      <label className="grid gap-1">
        <span className="text-dim">{sources.address}</span>
        <span className="flex gap-2">
          <input
            type="url"
            inputMode="url"
            data-testid="source-url"
            placeholder={sources.addressHint}
            value={url}
            aria-invalid={wrong}
            onChange={({ target }) => {
              setUrl(target.value);
              setWrong(false);
            }}
            className="w-full min-w-0 rounded-2xl border border-edge bg-night px-5 py-3 text-lg"
          />
          <Button type="submit" data-testid="source-url-take" disabled={url.trim() === ""} className="shrink-0">
            OK
          </Button>
        </span>
      </label>
      {wrong && <p role="alert" className="font-semibold text-miss">{sources.addressBad}</p>}
    </form>
  );
}

/** The address where it is one of the web; whether the house lets it in is the house's business. */
function wholeAddress(typed: string): string | null {
  const url = URL.parse(typed.trim());
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.href : null;
}
