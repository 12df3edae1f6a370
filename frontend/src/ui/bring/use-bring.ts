/** The files that somebody brings, from the choice to the house's answer. */

import { useEffect, useMemo, useRef, useState } from "react";

import { askUploadLimits, type UploadLimits } from "../../api/abilities";
import { asProblem, type ApiCode } from "../../api/problem";
import { upload, type Uploaded } from "../../api/sources";
import type { FileFault } from "../../i18n/kinds";
import { namesIn, sortFiles, USUAL_LIMITS, type Role } from "../../show/files";
import { durationOf } from "./duration";

export type Sending = { phase: "choosing" } | { phase: "sending"; share: number } | { phase: "failed"; problem: ApiCode };

export interface Names {
  title: string;
  artist: string;
  language: string;
}

export function useBring(first: readonly File[], done: (uploaded: Uploaded) => void) {
  const [brought, setBrought] = useState<readonly File[]>(first);
  const [swapped, setSwapped] = useState(false);
  const [names, setNames] = useState<Names>(() => ({ ...guess(first), language: "" }));
  const [sending, setSending] = useState<Sending>({ phase: "choosing" });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const limits = useLimits();
  const { files, fault } = useMemo(() => withSwap(sortFiles(brought, limits), swapped), [brought, swapped, limits]);
  const lengthS = useLength(files.audio ?? files.instrumental);
  const tooLong = lengthS !== null && lengthS > limits.duration_s;
  const add = (more: readonly File[]) => {
    setSending({ phase: "choosing" });
    setBrought((before) => [...before.filter(({ name }) => more.every((one) => one.name !== name)), ...more]);
    setNames((before) => (before.title ? before : { ...before, ...guess(more) }));
  };
  const send = async () => {
    const { signal } = (leaving.current = new AbortController());
    setSending({ phase: "sending", share: 0 });
    try {
      done(await upload({ ...files, ...names }, (share) => setSending({ phase: "sending", share }), signal));
    } catch (error) {
      if (!signal.aborted) setSending({ phase: "failed", problem: asProblem(error).code });
    }
  };
  const cancel = () => {
    leaving.current?.abort();
    setSending({ phase: "choosing" });
  };
  return {
    files,
    limits,
    fault: fault ?? (tooLong ? ("too-long" as FileFault) : null),
    names,
    sending,
    add,
    remove: (file: File) => setBrought((before) => before.filter((one) => one !== file)),
    swap: () => setSwapped((before) => !before),
    rename: (change: Partial<Names>) => setNames((before) => ({ ...before, ...change })),
    send,
    cancel,
  };
}

function guess(files: readonly File[]): { title: string; artist: string } {
  const { audio, instrumental } = sortFiles(files).files;
  return namesIn((audio ?? instrumental)?.name ?? "");
}

function withSwap({ files, fault }: ReturnType<typeof sortFiles<File>>, swapped: boolean) {
  const { instrumental, vocals } = files;
  if (!swapped || !instrumental || !vocals) return { files, fault };
  const turned: Partial<Record<Role, File>> = { ...files, instrumental: vocals, vocals: instrumental };
  return { files: turned, fault };
}

/** Of this house; the usual ones until it has told them. */
function useLimits(): UploadLimits {
  const [limits, setLimits] = useState(USUAL_LIMITS);
  useEffect(() => {
    let current = true;
    askUploadLimits().then(
      (told) => current && setLimits(told),
      (error: unknown) => console.warn("upload limits:", asProblem(error).code), // the house itself still says no
    );
    return () => void (current = false);
  }, []);
  return limits;
}

/** Seconds of a recording; null until they are known, or where this browser cannot read them. */
function useLength(file: File | undefined): number | null {
  const [known, setKnown] = useState<{ file: File; seconds: number | null } | null>(null);
  useEffect(() => {
    let current = true;
    if (file) void durationOf(file).then((seconds) => current && setKnown({ file, seconds }));
    return () => void (current = false);
  }, [file]);
  return known !== null && known.file === file ? known.seconds : null;
}
