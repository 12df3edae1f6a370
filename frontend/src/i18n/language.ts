import { create } from "zustand";

import { en } from "./en";
import { fr, type Texts } from "./fr";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export const DICTIONARIES: Record<Language, Texts> = { fr, en };

const KEY = "voicejury.language";

/** French first; another language is a choice that is remembered. */
export function firstLanguage(remembered: string | null): Language {
  return LANGUAGES.find((language) => language === remembered) ?? "fr";
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden
  }
}

interface LanguageState {
  language: Language;
  choose(language: Language): void;
}

export const useLanguage = create<LanguageState>((set) => ({
  language: "fr",
  choose(language) {
    document.documentElement.lang = language;
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // storage may be forbidden: the choice holds until the page closes
    }
    set({ language });
  },
}));

export function setUpLanguage(): void {
  const language = firstLanguage(remembered());
  document.documentElement.lang = language;
  useLanguage.setState({ language });
}

export function useTexts(): Texts {
  return DICTIONARIES[useLanguage((state) => state.language)];
}
