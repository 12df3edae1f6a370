/** From the server's list of recordings to stems that lie on one clock. */

import { getTrack, getTracks, type StemId, type StudioTrack } from "../api/studio";
import type { Session } from "../api/session";
import { moved, type Move } from "../live/stretch";
import type { Stem } from "./mixer";

export interface Tape {
  readonly stems: readonly Stem[];
  readonly ids: readonly StemId[];
  readonly takeIsGone: boolean;
}

/** What a mixer needs at most: parts where there are parts, the whole recording only where there are none. */
export function needed(tracks: readonly StudioTrack[]): StudioTrack[] {
  return (["user", "ref"] as const).flatMap((owner) => {
    const own = tracks.filter((track) => track.owner === owner);
    const parts = own.filter(({ name }) => name !== "original");
    const whole = own.filter(({ name }) => name === "original");
    if (owner === "user") return parts.some(({ name }) => name === "vocals") ? parts : [...parts, ...whole];
    return parts.length > 0 ? parts : whole;
  });
}

/** `takeLateS`: how late the singer's way through microphone and loudspeaker made the take. Throws ApiProblem. */
export async function loadTape(session: Session, context: BaseAudioContext, move: Move, takeLateS: number): Promise<Tape> {
  const { tracks } = await getTracks(session);
  const wanted = needed(tracks);
  const stems = await Promise.all(wanted.map((track) => stemOf(session, context, track, move, takeLateS)));
  const takeIsGone = !tracks.some(({ owner }) => owner === "user");
  return { stems, ids: wanted.map(({ owner, name }) => `${owner}-${name}` as const), takeIsGone };
}

async function stemOf(session: Session, context: BaseAudioContext, track: StudioTrack, move: Move, takeLateS: number): Promise<Stem> {
  const recorded = await context.decodeAudioData(await getTrack(session, track));
  const isTake = track.owner === "user"; // sung to the moved song: it is in key and in time as it is
  const buffer = isTake ? recorded : await moved(recorded, move, track.name === "vocals");
  const gain = 10 ** (track.gain_db / 20);
  return { id: `${track.owner}-${track.name}`, buffer, lateS: isTake ? takeLateS : 0, gain };
}
