// How does the worker come to work, and how is the app installed?

import { useSyncExternalStore } from "react";

import { root } from "../address/address.ts";

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

interface Policies {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string };
}

let waiting: InstallPrompt | null = null;
const listeners = new Set<() => void>();

function offer(prompt: InstallPrompt | null): void {
  waiting = prompt;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Start the worker, where the page is served with one and safely; while developing it would only be in the way. */
export function startWorker(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // the settings offer it instead
    offer(event as InstallPrompt);
  });
  addEventListener("appinstalled", () => offer(null));
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  const policy = policies?.createPolicy("lookalike-worker", { createScriptURL: () => `${root()}worker.js` });
  const url = policy?.createScriptURL("") ?? `${root()}worker.js`;
  navigator.serviceWorker.register(url, { scope: root() }).catch(() => undefined); // all but sharing works without
}

/** Give the function that installs the app; null where the browser does not offer it. */
export function useInstall(): (() => void) | null {
  const prompt = useSyncExternalStore(subscribe, () => waiting);
  if (!prompt) return null;
  return () => {
    offer(null);
    void prompt.prompt();
  };
}
