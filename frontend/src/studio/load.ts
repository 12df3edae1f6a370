/** From the server's list of recordings to stems that lie on one clock. */

import { getTrack, getTracks, type StemId, type StudioTrack, type StudioTracks } from "../api/studio";
import type { Session } from "../api/session";
import { moved, type Move } from "../live/stretch";
import type { Stem } from "./mixer";

export interface Tape {
  readonly stems: readonly Stem[];
  readonly ids: readonly StemId[];
  readonly missing: MissingTake | null; // why there is no take among them
}

export type MissingTake = "take-deleted" | "not-ready" | "no-take";

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

/** Why the singer is not to be heard; null where the take is there. */
export function missingTake({ tracks, missing }: StudioTracks): MissingTake | null {
  if (tracks.some(({ owner }) => owner === "user")) return null;
  const reason = missing.find(({ owner }) => owner === "user")?.reason;
  return reason === "not-ready" || reason === "no-take" ? reason : "take-deleted";
}

/** All of them begin with the song: the server has taken the take's own latency off. Throws ApiProblem. */
export async function loadTape(session: Session, context: BaseAudioContext, move: Move): Promise<Tape> {
  const found = await getTracks(session);
  const { tracks } = found;
  const wanted = needed(tracks);
  const stems = await Promise.all(wanted.map((track) => stemOf(session, context, track, move)));
  return { stems, ids: wanted.map(({ owner, name }) => `${owner}-${name}` as const), missing: missingTake(found) };
}

async function stemOf(session: Session, context: BaseAudioContext, track: StudioTrack, move: Move): Promise<Stem> {
  const recorded = await context.decodeAudioData(await getTrack(session, track));
  const isTake = track.owner === "user"; // sung to the moved song: it is in key and in time as it is
  const buffer = isTake ? recorded : await moved(recorded, move, track.name === "vocals");
  const gain = 10 ** (track.gain_db / 20);
  return { id: `${track.owner}-${track.name}`, buffer, gain };
}
