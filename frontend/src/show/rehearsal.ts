/** The dressing room: from the tap on the microphone check to a session that is connected and ready. */

import { ApiProblem, asProblem } from "../api/problem";
import { startSession, type Session, type SessionRequest } from "../api/session";
import { getAudio, getSong } from "../api/song";
import type { SongSummary } from "../api/songs";
import { useLanguage } from "../i18n/language";
import { Act, type ActEvents } from "../live/act";
import { Melody, phrasesOf } from "../live/melody";
import { MicProblem, openMicrophone } from "../live/microphone";
import { Player } from "../live/player";
import { WakeLock } from "../live/wakelock";
import { connectionView, type ConnectionFacts, troubleOf } from "./connection";
import { setBand, setTonight, tonight } from "./evening";
import { lineResult, shownScore } from "./lines";
import { BEFORE_CHECK, BEFORE_SONG, patchDressing, patchStage, useShow } from "./state";

let context: AudioContext | null = null;
let generation = 0; // a slow answer to a check that was left must not touch the next one
const wakeLock = new WakeLock();

/** One context for the page, opened by the singer's tap: that is what unlocks sound on a phone. */
export function audioContext(): AudioContext {
  context ??= new AudioContext({ latencyHint: "interactive" });
  const session = (navigator as { audioSession?: { type: string } }).audioSession;
  if (session) session.type = "play-and-record"; // Safari 16.4 and later
  void context.resume();
  return context;
}

function watch(melody: Melody, finished: () => void): ActEvents {
  const firstLineOverS = melody.phrases[0]?.offset_s ?? 0;
  let facts: ConnectionFacts = { phase: "connecting", micEnded: false, stats: null };
  const learn = (change: Partial<ConnectionFacts>) => {
    const before = connectionView(facts);
    facts = { ...facts, ...change };
    const connection = connectionView(facts);
    if (connection !== before) patchStage({ connection });
  };
  return {
    link: (state) => {
      learn({ phase: state.phase, ...(state.phase === "up" ? {} : { stats: null }) });
      const linked = state.phase === "up" || state.phase === "lost";
      patchDressing(linked ? { linked, problem: null, retryS: null } : { linked });
    },
    stats: (stats) => learn({ stats }),
    line: (line) => patchStage({ lastLine: lineResult(line) }),
    score: (score) => patchStage({ score: shownScore(score, firstLineOverS) }),
    serverProblem: (code) => patchStage({ trouble: troubleOf(code) }),
    // The link tries again by itself unless that is hopeless.
    apiProblem: ({ code, fatal, retryAfterS }) => patchDressing({ problem: code, retryS: fatal ? null : (retryAfterS ?? 1) }),
    paused: (paused) => patchStage({ paused }),
    micEnded: (micEnded) => learn({ micEnded }),
    finished,
  };
}

/** The music alone, for whoever comes back to a verdict after a reload. */
export async function fetchBand(song: SongSummary): Promise<Player> {
  const player = await loadBacking(song, audioContext());
  setBand(player);
  return player;
}

async function loadBacking(song: SongSummary, audio: AudioContext): Promise<Player> {
  const decode = async (kind: "audio" | "guide") => audio.decodeAudioData(await getAudio(song.id, kind));
  const guide = song.guide_url ? decode("guide").catch(() => null) : Promise.resolve(null);
  return new Player(audio, await decode("audio"), await guide);
}

const WAIT_S = 5; // when a full house does not say how long
const WORTH_WAITING = new Set(["busy", "media-unavailable", "offline"]);

/** A session, however long the house is full; the seconds until the next try are told. Null when the singer has left. */
async function openSession(request: SessionRequest, current: () => boolean): Promise<Session | null> {
  while (current()) {
    try {
      const session = await startSession(request);
      patchDressing({ problem: null, retryS: null });
      return session;
    } catch (error) {
      const problem = asProblem(error);
      if (!WORTH_WAITING.has(problem.code)) throw problem;
      for (let retryS = problem.retryAfterS ?? WAIT_S; retryS > 0 && current(); retryS--) {
        patchDressing({ problem: problem.code, retryS });
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }
  return null;
}

async function rehearse(song: SongSummary, finished: () => void, mine: number): Promise<void> {
  const audio = audioContext();
  wakeLock.hold();
  const stream = await openMicrophone();
  const current = () => mine === generation;
  if (!current()) return stream.getTracks().forEach((track) => track.stop());
  const written = getSong(song.id);
  const backing = loadBacking(song, audio);
  backing.catch(() => undefined); // awaited below; until then not an unhandled rejection
  const melody = new Melody(phrasesOf(await written));
  const act = new Act(audio, stream, melody, watch(melody, finished));
  if (!current()) return act.close();
  const evening = setTonight(act);
  useShow.setState({ stage: { ...BEFORE_SONG, phrases: melody.phrases } });
  patchDressing({ mic: "granted", report: act.report });
  const { nickname, level } = useShow.getState();
  const singer = nickname.trim();
  const language = useLanguage.getState().language;
  const session = await openSession({ song_id: song.id, ...(singer ? { singer } : {}), level, language }, current);
  if (!session || !current()) return;
  useShow.setState({ session });
  act.connect(session);
  evening.player = await backing;
  setBand(evening.player);
  patchDressing({ backingReady: true, guideReady: evening.player.hasGuide });
}

export async function checkMicrophone(finished: () => void): Promise<void> {
  const { song } = useShow.getState();
  if (!song) return;
  leaveTheatre();
  const mine = generation;
  patchDressing({ ...BEFORE_CHECK, mic: "asking" });
  try {
    await rehearse(song, finished, mine);
  } catch (error) {
    if (mine !== generation) return;
    if (error instanceof MicProblem) patchDressing({ mic: "idle", micProblem: error.code });
    else patchDressing({ problem: undecodable(error).code, retryS: null });
  }
}

function undecodable(error: unknown): ApiProblem {
  return error instanceof DOMException && error.name === "EncodingError" ? new ApiProblem("unexpected") : asProblem(error);
}

export function answerHeadphones(headphones: boolean): void {
  tonight()?.act.answerHeadphones(headphones);
  patchDressing({ headphones });
}

/** Ends microphone, sound and connection; the take stays with the server. */
export function leaveTheatre(): void {
  generation += 1;
  tonight()?.act.close();
  setTonight(null);
  wakeLock.release();
}
