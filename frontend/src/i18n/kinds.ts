/** What the dictionaries must have a text for. */

/** What happened, and what helps. */
export interface Trouble {
  text: string;
  fix: string;
}

export type JudgeStage = "queued" | "close" | "load" | "separate" | "pitch" | "words" | "score" | "jury" | "store";
/** Why a take could not be judged. */
export type Fault = "away" | "broke" | "damaged" | "disk" | "crowded" | "song" | "unknown";
/** What would make the jury surer. */
export type Raiser = "headphones" | "network" | "longer" | "ears" | "written";
/** What was done about the music in the microphone, and why nothing was. */
export type BleedDone = "clean" | "moved-song" | "no-backing" | "no-clock" | "setting";
export type Reason = "flat" | "sharp" | "missed" | "late" | "early" | "extra" | "word-missing" | "word-wrong";
export type Lines = "missed" | "shaky" | "good" | "great" | "perfect" | "unmeasured";
export type Reasons = "noWordsModel" | "tooLittleSound" | "nothingWritten" | "onlyFillers" | "wordsAway" | "noLanguage" | "nothingMeasured" | "liveDiffers" | "allLate" | "unknown";
export type PrepareStage = "queued" | "download" | "decode" | "separate" | "pitch" | "words" | "store";
export type Remark = "bleed" | "harmonies" | "few-notes" | "no-lyrics" | "notes-differ" | "quiet-voice" | "words-differ";
export type AbilityName = "search" | "youtube" | "lyrics" | "separation" | "word-times" | "whisper";
export type FileFault = "empty" | "too-large" | "too-long" | "unknown" | "too-many" | "half-pair";
export type SourceRemark =
  | "live"
  | "cover"
  | "no-voice"
  | "remix"
  | "altered"
  | "acoustic"
  | "no-song"
  | "many-songs"
  | "other-artist"
  | "longer"
  | "shorter"
  | "same-length"
  | "official";
