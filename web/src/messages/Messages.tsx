// In which language does the app speak now, and how are numbers and dates written in it?

import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { remember, remembered } from "../session/remembered.ts";
import { CATALOGUES, isLanguage, languageFor, regionOf, type Language, type Messages } from "./catalogue.ts";
import { en } from "./en/index.ts";
import { formatsFor, type Formats } from "./formats.ts";

interface Speech {
  language: Language;
  messages: Messages;
  formats: Formats;
  speak: (language: Language) => void;
}

const KEY = "lookalike.language";
const ENGLISH: Speech = { language: "en", messages: en, formats: formatsFor("en"), speak: () => undefined };
const SpeechContext = createContext<Speech>(ENGLISH);

function firstLanguage(): Language {
  const kept = remembered(KEY);
  return isLanguage(kept) ? kept : languageFor(navigator.languages);
}

/** Let everything inside speak the visitor's language; shows nothing until it is loaded. */
export function MessagesProvider({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState(firstLanguage);
  const [spoken, setSpoken] = useState<{ language: Language; messages: Messages } | null>(
    wanted === "en" ? { language: "en", messages: en } : null,
  );
  useEffect(() => {
    let left = false;
    const loading = wanted === "en" ? Promise.resolve<Messages>(en) : CATALOGUES[wanted]();
    const show = (language: Language, messages: Messages) => {
      if (left) return;
      document.documentElement.lang = language;
      setSpoken({ language, messages });
    };
    loading.then(
      (messages) => show(wanted, messages),
      () => show("en", en),
    );
    return () => {
      left = true;
    };
  }, [wanted]);

  const speak = useCallback((language: Language) => {
    remember(KEY, language);
    setWanted(language);
  }, []);
  const speech = useMemo(
    () => spoken && { ...spoken, formats: formatsFor(regionOf(spoken.language, navigator.languages)), speak },
    [spoken, speak],
  );
  return speech && <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** Give what the app says in the visitor's language: `const { search } = useMessages()`. */
export const useMessages = (): Messages => useContext(SpeechContext).messages;

/** Give how numbers, sizes and dates are written in the visitor's language. */
export const useFormats = (): Formats => useContext(SpeechContext).formats;

export const useSpeech = (): Speech => useContext(SpeechContext);
