// Light or dark? As the system says, unless the visitor chose.

import { useSyncExternalStore } from "react";

import { remember, remembered } from "../session/remembered.ts";

export type Theme = "light" | "dark";

const KEY = "lookalike.theme";
const CHANGED = "lookalike:theme";
const system = () => matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme | null {
  const kept = remembered(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
}

const current = (): Theme => chosen() ?? (system().matches ? "dark" : "light");

function apply(): void {
  document.documentElement.dataset.theme = current();
  dispatchEvent(new Event(CHANGED));
}

/** Show the theme, from now on. */
export function followTheme(): void {
  apply();
  system().addEventListener("change", apply);
}

/** Choose a theme; the system's own counts as no choice, so that it is followed again. */
export function chooseTheme(theme: Theme): void {
  const isSystems = (system().matches ? "dark" : "light") === theme;
  remember(KEY, isSystems ? "" : theme);
  apply();
}

function subscribe(changed: () => void): () => void {
  addEventListener(CHANGED, changed);
  return () => removeEventListener(CHANGED, changed);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current);
