import type { Juror } from "../gen/voicejury/v1/verdict_pb";

/** A stream that was opened again tells its jurors again. */
export function withJuror(jurors: readonly Juror[], juror: Juror): Juror[] {
  return [...jurors.filter(({ persona }) => persona !== juror.persona), juror];
}
