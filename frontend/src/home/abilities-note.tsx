import { useState } from "react";

import type { Ability } from "../api/abilities";
import type { AbilityName } from "../i18n/kinds";
import { useTexts } from "../i18n/language";
import { dismissAbilities, missingAbilities, remedyIn } from "../show/abilities";
import { useShow } from "../show/state";
import { Button } from "../ui/button";

/** What would make the house better, told once to whoever runs it: on the machine itself, never to a guest's phone. */
export function AbilitiesNote() {
  const { abilities: words } = useTexts();
  const abilities = useShow((state) => state.abilities);
  const missing = missingAbilities(abilities ?? []);
  if (missing.length === 0) return null;
  return (
    <aside aria-label={words.title} data-testid="abilities" className="grid gap-3 rounded-3xl border border-edge bg-velvet p-5">
      <div className="flex items-start justify-between gap-4">
        <div>
          <h2 className="text-3xl">{words.title}</h2>
          <p className="text-dim">{words.intro(missing.length)}</p>
        </div>
        <Button data-testid="abilities-dismiss" onClick={() => dismissAbilities(missing)} className="shrink-0">
          {words.dismiss}
        </Button>
      </div>
      <details>
        <summary className="min-h-11 cursor-pointer content-center font-semibold text-gold">{words.more}</summary>
        <ul className="mt-2 grid gap-4 lg:grid-cols-2">
          {missing.map((ability) => (
            <li key={ability.name} className="grid min-w-0 content-start gap-1">
              <Remedy ability={ability} />
            </li>
          ))}
        </ul>
      </details>
    </aside>
  );
}

function Remedy({ ability }: { ability: Ability }) {
  const { abilities: words } = useTexts();
  const known = words.known[ability.name as AbilityName] as (typeof words.known)[AbilityName] | undefined;
  if (!known) return <p>{ability.detail}</p>;
  return (
    <>
      <p className="font-semibold">{known.text}</p>
      <p className="text-dim">{known.fix}</p>
      <Command text={remedyIn(ability.detail) ?? known.command} />
    </>
  );
}

function Command({ text }: { text: string }) {
  const { abilities: words } = useTexts();
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  return (
    <p className="flex items-center gap-2">
      <code className="min-w-0 grow overflow-x-auto rounded-xl bg-night px-3 py-2 text-base whitespace-nowrap">{text}</code>
      {"clipboard" in navigator && (
        <Button look="bare" onClick={copy} className="shrink-0">
          {copied ? words.copied : words.copy}
        </Button>
      )}
    </p>
  );
}
