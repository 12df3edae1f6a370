import { useId } from "react";

import type { Uploaded } from "../../api/sources";
import type { Trouble as Words } from "../../i18n/kinds";
import { useTexts } from "../../i18n/language";
import type { Texts } from "../../i18n/fr";
import { ACCEPTED, wordsFaultIn, type Role } from "../../show/files";
import { Button } from "../button";
import { DropZone } from "../drop-zone";
import { Sheet } from "../sheet";
import { Trouble } from "../trouble";
import { NameFields } from "./name-fields";
import { useBring, type Sending } from "./use-bring";

const ROLES: readonly Role[] = ["audio", "instrumental", "vocals", "lyrics"];

interface Props {
  files: readonly File[];
  done: (uploaded: Uploaded) => void;
  close: () => void;
}

/** Bringing one's own song: an audio file or a karaoke pair, and its words. */
export function Bring({ files: first, done, close }: Props) {
  const { bring, ...texts } = useTexts();
  const { files, fault, limits, names, isWritten, sending, add, remove, swap, rename, send, cancel } = useBring(first, done);
  const recordings = files.audio ?? files.vocals;
  const named = names.title.trim() !== "";
  return (
    <Sheet title={bring.title} close={close}>
      <DropZone dropped={add} />
      <p className="text-dim landscape:max-lg:hidden">{bring.intro}</p>
      <ul className="grid gap-2">
        {ROLES.map((role) => {
          const file = files[role];
          const kind = bring.kinds[role === "lyrics" && isWritten ? "notes" : role];
          return file && <Brought key={role} role={role} kind={kind} file={file} remove={() => remove(file)} fixed={sending.phase === "sending"} />;
        })}
      </ul>
      {files.vocals && (
        <Button look="bare" onClick={swap} disabled={sending.phase === "sending"} className="justify-self-start">
          ⇅ {bring.swap}
        </Button>
      )}
      {fault && (
        <div ref={comeIntoSight}>
          <Trouble words={bring.faults(Math.floor(limits.bytes / 1e6), Math.floor(limits.duration_s / 60))[fault]} />
        </div>
      )}
      {sending.phase === "failed" && (
        <div ref={comeIntoSight}>
          <Trouble words={troubleOf(sending, { bring, ...texts })} />
        </div>
      )}
      {sending.phase === "sending" ? (
        <OnItsWay sending={sending} cancel={cancel} />
      ) : (
        <>
          <FilePicker more={recordings !== undefined} add={add} />
          {recordings && <NameFields names={names} rename={rename} />}
          {recordings && (
            <div className="sheet-door">
              <Button look="gold" data-testid="bring-send" disabled={fault !== null || !named} onClick={() => void send()}>
                {bring.send}
              </Button>
              <p className="text-center text-base text-dim landscape:max-lg:hidden">{named ? bring.private : bring.missingTitle}</p>
            </div>
          )}
        </>
      )}
    </Sheet>
  );
}

/** On a low screen a trouble may lie below the fold. */
function comeIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "center" });
}

function troubleOf({ problem, detail }: Extract<Sending, { phase: "failed" }>, { bring, api }: Pick<Texts, "bring" | "api">): Words {
  const line = wordsFaultIn(detail);
  if (problem === "bad-request" && line !== undefined) return line === null ? bring.otherNotes : bring.brokenWords(line);
  if (problem === "too-large") return bring.tooLarge;
  return problem === "bad-request" || problem === "no-audio" ? bring.refused : api[problem];
}

interface BroughtProps {
  role: Role;
  kind: string;
  file: File;
  remove: () => void;
  fixed: boolean;
}

function Brought({ role, kind, file, remove, fixed }: BroughtProps) {
  const { bring } = useTexts();
  return (
    <li data-testid={`bring-${role}`} className="flex items-center gap-3 rounded-2xl bg-curtain py-2 pr-2 pl-4">
      <span className="grid min-w-0 grow">
        <span className="text-base font-semibold text-gold">{kind}</span>
        <span className="truncate">{file.name}</span>
      </span>
      {role !== "lyrics" && <span className="shrink-0 text-base text-dim">{bring.size(file.size / 1e6)}</span>}
      <Button look="bare" disabled={fixed} onClick={remove} aria-label={bring.remove(file.name)} className="shrink-0">
        ✕
      </Button>
    </li>
  );
}

/** A label that is a button: on a phone it opens the phone's own file picker. */
function FilePicker({ more, add }: { more: boolean; add: (files: readonly File[]) => void }) {
  const { bring } = useTexts();
  const id = useId();
  return (
    <div>
      <input
        id={id}
        type="file"
        multiple
        accept={ACCEPTED}
        data-testid="bring-files"
        className="peer sr-only"
        onChange={({ target }) => {
          add([...(target.files ?? [])]);
          target.value = "";
        }}
      />
      <label
        htmlFor={id}
        className={`grid min-h-14 cursor-pointer place-items-center rounded-2xl border-2 border-dashed border-edge px-4 py-3 text-center font-semibold peer-focus-visible:outline-3 peer-focus-visible:outline-offset-3 peer-focus-visible:outline-gold hover:border-gold ${more ? "text-dim" : "py-10 text-2xl"}`}
      >
        {more ? `+ ${bring.chooseMore}` : `♪ ${bring.choose}`}
      </label>
    </div>
  );
}

function OnItsWay({ sending, cancel }: { sending: Extract<Sending, { phase: "sending" }>; cancel: () => void }) {
  const { bring, common } = useTexts();
  const percent = Math.floor(sending.share * 100);
  const words = sending.share < 1 ? bring.sending(common.number(percent)) : bring.reading;
  return (
    <div className="grid gap-3">
      <p className="text-xl">{words}</p>
      <div role="progressbar" aria-label={bring.send} aria-valuenow={percent} aria-valuetext={words} className="h-3 overflow-hidden rounded-full bg-curtain">
        <div className="h-full origin-left bg-gold" style={{ transform: `scaleX(${sending.share})` }} />
      </div>
      <Button onClick={cancel} className="justify-self-start">
        {bring.cancel}
      </Button>
    </div>
  );
}
