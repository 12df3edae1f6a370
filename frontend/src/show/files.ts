/** What the files that somebody brings are for. */

import type { UploadLimits } from "../api/abilities";
import type { FileFault } from "../i18n/kinds";

export type Role = "audio" | "instrumental" | "vocals" | "lyrics";

export interface NamedFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export interface Sorted<F> {
  readonly files: Partial<Record<Role, F>>;
  readonly fault: FileFault | null; // the first thing that is wrong with them
}

/** What a house takes by default; this one's own limits come with its abilities. */
export const USUAL_LIMITS: UploadLimits = { bytes: 200 * 1024 * 1024, duration_s: 20 * 60 };
export const ACCEPTED = "audio/*,video/mp4,video/webm,.mp3,.m4a,.aac,.flac,.ogg,.opus,.wav,.wma,.aif,.aiff,.lrc,.txt";

const SOUND = /\.(mp3|m4a|m4b|mp4|aac|flac|ogg|oga|opus|wav|wave|wma|aiff?|webm|mka|mov)$/i;
const WORDS = /\.(lrc|txt)$/i;
const MUSIC_ONLY = /instru|karaok|backing|playback|accomp|no.?voca|sans.?voix|off.?vocal|minus/i;
const VOICE_ONLY = /voca|voice|voix|a.?cap|chant\b|lead/i;

export function soundOrWords({ name, type }: NamedFile): "sound" | "words" | null {
  if (WORDS.test(name)) return "words";
  return SOUND.test(name) || /^(audio|video)\//.test(type) ? "sound" : null;
}

/** Which of two recordings is the music: by their names, otherwise the first. */
function pair<F extends NamedFile>(first: F, second: F): { instrumental: F; vocals: F } {
  const secondIsMusic = MUSIC_ONLY.test(second.name) && !MUSIC_ONLY.test(first.name);
  const firstIsVoice = VOICE_ONLY.test(first.name) && !MUSIC_ONLY.test(first.name) && !VOICE_ONLY.test(second.name);
  return secondIsMusic || firstIsVoice ? { instrumental: second, vocals: first } : { instrumental: first, vocals: second };
}

/** One recording is the song, two are a karaoke pair, a text beside them its words, or an UltraStar song. */
export function sortFiles<F extends NamedFile>(brought: readonly F[], limits: UploadLimits = USUAL_LIMITS): Sorted<F> {
  const sounds = brought.filter((file) => soundOrWords(file) === "sound");
  const lyrics = brought.findLast((file) => soundOrWords(file) === "words");
  const [first, second] = sounds;
  const recordings = first && second ? pair(first, second) : first ? { audio: first } : {};
  return { files: { ...recordings, ...(lyrics ? { lyrics } : {}) }, fault: faultOf(brought, sounds, limits) };
}

function faultOf(brought: readonly NamedFile[], sounds: readonly NamedFile[], limits: UploadLimits): FileFault | null {
  if (brought.some((file) => soundOrWords(file) === null)) return "unknown";
  if (brought.some(({ size }) => size === 0)) return "empty";
  if (sounds.reduce((sum, { size }) => sum + size, 0) > limits.bytes) return "too-large";
  return sounds.length > 2 ? "too-many" : null;
}

export interface SongNames {
  title: string;
  artist: string;
}

export const HEAD_BYTES = 16 * 1024; // a song file names title and beat in its first lines

/** What an UltraStar text is called, by the house's own rule; null where it is another text. Names that UTF-8 does not give are left empty. */
export function songNamesIn(head: string): SongNames | null {
  const text = head.replaceAll("\0", "");
  if (!/#TITLE:/i.test(text) || !/#BPM:/i.test(text)) return null;
  const named = (tag: string) => new RegExp(`#${tag}:([^\\r\\n]*)`, "i").exec(text)?.[1]?.trim() ?? "";
  const readable = (name: string) => (name.includes("\uFFFD") ? "" : name);
  return { title: readable(named("TITLE")), artist: readable(named("ARTIST")) };
}

/** What the house says is wrong with the words: their line, or null where it is none in particular; undefined: something else is wrong. */
export function wordsFaultIn(detail: string): number | null | undefined {
  if (!detail.startsWith("lyrics: ")) return undefined;
  const line = /^lyrics: line (\d{1,6}): /.exec(detail)?.[1];
  return line === undefined ? null : Number(line);
}

/** "01 - Les Zazous - Été indien (karaoke).mp3" → title and artist as they would be written. */
export function namesIn(fileName: string): SongNames {
  const bare = fileName.replace(/\.[^.]+$/, "").replace(/_/g, " ").replace(/[([][^)\]]*[)\]]/g, " ").replace(/^\s*\d{1,3}\s*[-.]\s+/, "");
  const parts = bare.split(/\s+[-–—]\s+/).map((part) => part.replace(/\s+/g, " ").trim()).filter(Boolean);
  const [first = "", ...rest] = parts;
  return rest.length > 0 ? { artist: first, title: rest[0] ?? "" } : { artist: "", title: first };
}
