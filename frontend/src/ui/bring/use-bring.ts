/** The files that somebody brings, from the choice to the house's answer. */

import { useEffect, useMemo, useRef, useState } from "react";

import { askUploadLimits, type UploadLimits } from "../../api/abilities";
import { asProblem, type ApiCode } from "../../api/problem";
import { upload, type Uploaded } from "../../api/sources";
import type { FileFault } from "../../i18n/kinds";
import { HEAD_BYTES, namesIn, songNamesIn, sortFiles, USUAL_LIMITS, type Role, type SongNames } from "../../show/files";
import { durationOf } from "./duration";

export type Sending = { phase: "choosing" } | { phase: "sending"; share: number } | { phase: "failed"; problem: ApiCode; detail: string };

export interface Names extends SongNames {
  language: string;
}

export function useBring(first: readonly File[], done: (uploaded: Uploaded) => void) {
  const [brought, setBrought] = useState<readonly File[]>(first);
  const [swapped, setSwapped] = useState(false);
  const [edited, setEdited] = useState<Partial<Names>>({});
  const [sending, setSending] = useState<Sending>({ phase: "choosing" });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const limits = useLimits();
  const { files, fault } = useMemo(() => withSwap(sortFiles(brought, limits), swapped), [brought, swapped, limits]);
  const song = useSong(files.lyrics);
  const names = useMemo(() => ({ ...namesOf(brought, song), ...edited }), [brought, song, edited]);
  const lengthS = useLength(files.audio ?? files.instrumental);
  const tooLong = lengthS !== null && lengthS > limits.duration_s;
  const add = (more: readonly File[]) => {
    setSending({ phase: "choosing" });
    setBrought((before) => [...before.filter(({ name }) => more.every((one) => one.name !== name)), ...more]);
  };
  const send = async () => {
    const { signal } = (leaving.current = new AbortController());
    setSending({ phase: "sending", share: 0 });
    try {
      done(await upload({ ...files, ...names }, (share) => setSending({ phase: "sending", share }), signal));
    } catch (error) {
      const { code, detail } = asProblem(error);
      if (!signal.aborted) setSending({ phase: "failed", problem: code, detail });
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
    isWritten: song !== null, // with notes, in an UltraStar text
    sending,
    add,
    remove: (file: File) => setBrought((before) => before.filter((one) => one !== file)),
    swap: () => setSwapped((before) => !before),
    rename: (change: Partial<Names>) => setEdited((before) => ({ ...before, ...change })),
    send,
    cancel,
  };
}

/** As the UltraStar text says, otherwise by the recording's name. */
function namesOf(files: readonly File[], song: SongNames | null): Names {
  const { audio, instrumental } = sortFiles(files).files;
  const guessed = namesIn((audio ?? instrumental)?.name ?? "");
  return { ...(song?.title ? song : guessed), language: "" };
}

/** Of an UltraStar text; null for any other, and until it is read. */
function useSong(file: File | undefined): SongNames | null {
  const [known, setKnown] = useState<{ file: File; song: SongNames | null } | null>(null);
  useEffect(() => {
    let current = true;
    file?.slice(0, HEAD_BYTES).text().then(
      (head) => current && setKnown({ file, song: songNamesIn(head) }),
      (error: unknown) => console.warn("a text cannot be read:", error), // the house will say so
    );
    return () => void (current = false);
  }, [file]);
  return known !== null && known.file === file ? known.song : null;
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
