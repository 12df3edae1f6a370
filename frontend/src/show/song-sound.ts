/** A sound of the song, by the lightest file that this browser decodes without moving it. */

import { getAudio, type SongSound } from "../api/song";
import { isInStep, opusDurationS } from "../live/opus-file";

const OGG_OPUS = "audio/ogg; codecs=opus"; // Chromium, Firefox, and Safari from 18.4 on

export async function decodeSound({ url, lightUrl }: SongSound, audio: BaseAudioContext): Promise<AudioBuffer> {
  const light = lightUrl && new Audio().canPlayType(OGG_OPUS) ? await decodeLight(lightUrl, audio) : null;
  return light ?? audio.decodeAudioData(await getAudio(url));
}

/** Null where the house cannot make it in time, or the browser does not decode it as it should: the large one will do. */
async function decodeLight(url: string, audio: BaseAudioContext): Promise<AudioBuffer | null> {
  try {
    const file = await getAudio(url);
    const durationS = opusDurationS(file);
    const buffer = await audio.decodeAudioData(file);
    return isInStep(buffer.duration, durationS) ? buffer : null;
  } catch {
    return null;
  }
}
