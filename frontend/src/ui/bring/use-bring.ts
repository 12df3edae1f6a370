/** The files that somebody brings, from the choice to the house's answer. */

import { useEffect, useMemo, useRef, useState } from "react";

import { asProblem, type ApiCode } from "../../api/problem";
import { upload, type Uploaded } from "../../api/sources";
import type { FileFault } from "../../i18n/kinds";
import { LONGEST_S, namesIn, sortFiles, type Role } from "../../show/files";
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
  const { files, fault } = useMemo(() => withSwap(sortFiles(brought), swapped), [brought, swapped]);
  const tooLong = useTooLong(files.audio ?? files.instrumental);
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

/** Whether a recording is too long to be sent at all. */
function useTooLong(file: File | undefined): boolean {
  const [tooLong, setTooLong] = useState<File | null>(null);
  useEffect(() => {
    let current = true;
    if (file) void durationOf(file).then((seconds) => current && seconds !== null && seconds > LONGEST_S && setTooLong(file));
    return () => void (current = false);
  }, [file]);
  return file !== undefined && tooLong === file;
}
