/** The dressing room: from the tap on the microphone check to a session that is connected and ready. */

import { ApiProblem, asProblem } from "../api/problem";
import { getSessionSong, getSong, type SongSound, type SungSong } from "../api/song";
import type { SongSummary } from "../api/songs";
import { Act, type ActEvents } from "../live/act";
import { Melody, phrasesOf } from "../live/melody";
import { LevelMeter, micReport, MicProblem, openMicrophone, release } from "../live/microphone";
import { Player } from "../live/player";
import { moved, type Move } from "../live/stretch";
import { sessionToSing } from "./booking";
import { connectionView, type ConnectionFacts, troubleOf } from "./connection";
import { setBand, setTonight, tonight, type Evening } from "./evening";
import { lineResult, shownScore } from "./lines";
import { heardLine } from "./words-heard";
import { BEFORE_CHECK, BEFORE_SONG, patchDressing, patchStage, useShow } from "./state";
import { decodeSound } from "./song-sound";
import { audioContext, enterTheatre } from "./theatre";
import { recallOffset } from "./words-offset";

export { audioContext };

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
    words: ({ phrase, words }) => {
      const heard = heardLine(melody.phrases, phrase, words);
      if (heard) patchStage({ heard });
    },
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
  const { keyShiftSemitones, tempo } = useShow.getState();
  const player = await loadBacking(await getSong(song.id), { keyShiftSemitones, tempo }, audioContext());
  setBand(player);
  return player;
}

async function loadBacking({ backing, guide }: SungSong, move: Move, audio: AudioContext): Promise<Player> {
  const decode = async (sound: SongSound, isVoice: boolean) => moved(await decodeSound(sound, audio), move, isVoice);
  const voice = guide ? decode(guide, true).catch(() => null) : Promise.resolve(null);
  return new Player(audio, await decode(backing, false), await voice);
}

async function rehearse(finished: () => void, current: () => boolean): Promise<void> {
  const audio = audioContext();
  const stream = await openMicrophone();
  if (!current()) return release(stream);
  const evening: Evening = { stream, meter: new LevelMeter(audio, stream), act: null, player: null };
  setTonight(evening);
  patchDressing({ mic: "granted", report: micReport(stream) });
  const session = await sessionToSing(current);
  if (!session || !current()) return;
  const sung = await getSessionSong(session);
  if (!current()) return;
  const melody = new Melody(phrasesOf(sung.song));
  evening.act = new Act(audio, stream, evening.meter, melody, watch(melody, finished));
  useShow.setState({ session, stage: { ...BEFORE_SONG, phrases: melody.phrases }, confidence: sung.song.confidence ?? null });
  const { headphones } = useShow.getState().dressing;
  if (headphones !== null) evening.act.answerHeadphones(headphones);
  evening.act.connect(session);
  void recallOffset(session);
  const { keyShiftSemitones, tempo } = sung.song; // as the server took them; 0 is the recorded tempo
  evening.player = await loadBacking(sung, { keyShiftSemitones, tempo: tempo || 1 }, audio);
  if (!current()) return;
  setBand(evening.player);
  patchDressing({ backingReady: true, guideReady: evening.player.hasGuide });
}

export async function checkMicrophone(finished: () => void): Promise<void> {
  if (!useShow.getState().song) return;
  const current = enterTheatre();
  patchDressing({ ...BEFORE_CHECK, mic: "asking" });
  try {
    await rehearse(finished, current);
  } catch (error) {
    if (!current()) return;
    if (error instanceof MicProblem) patchDressing({ mic: "idle", micProblem: error.code });
    else patchDressing({ problem: undecodable(error).code, retryS: null });
  }
}

function undecodable(error: unknown): ApiProblem {
  return error instanceof DOMException && error.name === "EncodingError" ? new ApiProblem("unexpected") : asProblem(error);
}

export function answerHeadphones(headphones: boolean): void {
  tonight()?.act?.answerHeadphones(headphones);
  patchDressing({ headphones });
}
