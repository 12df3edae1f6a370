/**
 * A recording in another key or at another speed. It is made before the song and not while it plays: the phone has its
 * hands free for the voice, and the sound lies on the audio clock to the sample like any other.
 */

import workletUrl from "signalsmith-stretch?url";

export interface Move {
  readonly keyShiftSemitones: number;
  readonly tempo: number; // 1 is as recorded, 0.8 is slower
}

export const AS_RECORDED: Move = { keyShiftSemitones: 0, tempo: 1 };

export function isMoved({ keyShiftSemitones, tempo }: Move): boolean {
  return keyShiftSemitones !== 0 || tempo !== 1;
}

/** The whole buffer, moved; onsets stay within 10 ms of their place. `isVoice` keeps the timbre of a singer. */
export async function moved(buffer: AudioBuffer, move: Move, isVoice = false): Promise<AudioBuffer> {
  if (!isMoved(move)) return buffer;
  const { default: stretch } = await import("signalsmith-stretch");
  stretch.moduleUrl = workletUrl; // a file of ours: the page runs no script from elsewhere
  const { numberOfChannels, sampleRate, length } = buffer;
  const offline = new OfflineAudioContext(numberOfChannels, Math.ceil(length / move.tempo), sampleRate);
  const node = await stretch(offline, { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [numberOfChannels] });
  await node.addBuffers(Array.from({ length: numberOfChannels }, (_, channel) => buffer.getChannelData(channel)));
  await node.schedule({
    output: 0,
    input: 0,
    active: true,
    rate: move.tempo,
    semitones: move.keyShiftSemitones,
    formantCompensation: isVoice,
  });
  node.connect(offline.destination);
  return offline.startRendering();
}
