/** What can go wrong, told to whoever sings, and what helps. */

import type { ApiCode } from "../api/problem";
import type { MicCode } from "../live/microphone";
import type { Trouble } from "./kinds";

export const api: Record<ApiCode, Trouble> = {
  "bad-request": { text: "The control room did not get that.", fix: "Reload the page: yours may be yesterday's." },
  "bad-sdp": { text: "Your browser speaks a language the control room does not.", fix: "Update it, or try Chrome, Firefox or Safari." },
  "same-file": { text: "Music and voice are the same file: this duo sings alone.", fix: "Replace one of them: the music alone on one side, the voice alone on the other. Or send a single file." },
  "too-large": { text: "That was too big for the control room.", fix: "Reload the page and try again." },
  "no-audio": { text: "The call came without a microphone in it.", fix: "Run the mic check again." },
  unauthorized: { text: "Security cannot find your badge.", fix: "Go backstage, we will make you a new one." },
  "expired-token": { text: "You stayed in the dressing room so long that your badge expired.", fix: "Pick your song again." },
  "foreign-session": { text: "This badge opens somebody else's dressing room.", fix: "Go backstage and start over." },
  "session-live": { text: "You are already singing in another tab!", fix: "Close it, the crowd only has two ears." },
  "session-over": { text: "This act is over, the curtain is down.", fix: "Start a new take." },
  "unknown-song": { text: "This song has left the building.", fix: "Pick another one, there are more." },
  "unknown-session": { text: "The control room cannot find your act.", fix: "Go backstage and start over." },
  busy: { text: "Full house tonight.", fix: "Your seat is kept: we try again in a moment." },
  "media-unavailable": { text: "The sound engineer has left the desk.", fix: "We are calling them back, stay here." },
  "not-ready": { text: "The jury is not done.", fix: "One more second." },
  "no-take": { text: "The jury heard nothing but silence.", fix: "Check the mic and give your voice another chance." },
  "take-deleted": { text: "Your recording is no longer here: this house keeps recordings for a while only.", fix: "Sing the song again, and the jury listens at once." },
  "take-damaged": { text: "The recording of this take is damaged: the jury cannot listen to it.", fix: "Sing the song again, and your next take gets its verdict." },
  "judge-failed": { text: "The jury got its notes in a twist.", fix: "Sing again: this time they will have had coffee." },
  "no-source": { text: "No recording of this song in sight.", fix: "Paste a video's address, or bring the file." },
  "source-refused": { text: "The bouncer does not let this address in.", fix: "Take a YouTube link, or bring the file." },
  "video-unavailable": { text: "This video is private, or it is gone.", fix: "Choose another source, there must be a good one left." },
  "video-blocked": { text: "YouTube wants to see this video's papers.", fix: "Choose another source, or bring the file." },
  "too-long": { text: "That is a whole concert, not a song.", fix: "Choose a shorter version." },
  "not-audio": { text: "We listened hard: there is no sound in this file.", fix: "Try an MP3, M4A, FLAC or WAV." },
  silent: { text: "This recording is as mute as the scenery.", fix: "Choose another source, one that can be heard." },
  "no-voice": { text: "Lovely music, but nobody sings on it.", fix: "Choose a version with a singer: the jury needs a model." },
  "no-network": { text: "The theatre has lost its line to the outside.", fix: "Try again in a moment, or bring the file." },
  "service-failed": { text: "Our supplier of songs broke down.", fix: "Try again, or choose another source." },
  "disk-full": { text: "Backstage is bursting: no room for this song.", fix: "Tell your host, or sing a song of the house." },
  "separation-missing": { text: "Nobody here can part the voice from the band.", fix: "Bring a karaoke pair, or sing a song of the house." },
  "no-lyrics": { text: "Nobody wrote down the words of this song.", fix: "You can sing it all the same, or bring an LRC file." },
  "no-word-times": { text: "The words of this song have no times yet.", fix: "They are shown line by line." },
  "no-track": { text: "This song slipped away between two searches.", fix: "Look for it once more." },
  offline: { text: "We cannot reach the theatre.", fix: "Check your network, we keep trying." },
  unexpected: { text: "Something unscripted happened backstage.", fix: "Reload the page and off we go again." },
};

export const mic: Record<MicCode, Trouble> = {
  insecure: { text: "Browsers lend the mic to safe addresses only.", fix: "Open the page on https:// (or on localhost)." },
  unsupported: { text: "This browser cannot sing with us.", fix: "Try a recent Chrome, Firefox or Safari." },
  refused: { text: "Without a mic this is mime.", fix: "Tap the padlock by the address, allow the mic, then try again." },
  missing: { text: "No microphone in sight.", fix: "Plug in a headset or a mic, then try again." },
  taken: { text: "Another app is holding the mic.", fix: "Hang up or close it, then try again." },
  "unexpected-mic": { text: "The mic has stage fright and does not answer.", fix: "Unplug it, plug it back, then try again." },
};
