import type { Juror } from "../gen/voicejury/v1/verdict_pb";

/** A stream that was opened again tells its jurors again. */
export function withJuror(jurors: readonly Juror[], juror: Juror): Juror[] {
  return [...jurors.filter(({ persona }) => persona !== juror.persona), juror];
}

/** The whole jury: who was heard before the verdict came first, as they were heard, then the others. */
export function inOrder(jury: readonly Juror[], heard: readonly Juror[]): Juror[] {
  const place = ({ persona }: Juror) => {
    const index = heard.findIndex((juror) => juror.persona === persona);
    return index < 0 ? heard.length : index;
  };
  return [...jury].sort((a, b) => place(a) - place(b));
}
