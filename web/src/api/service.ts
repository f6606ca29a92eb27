// Where is the service, and what does the app show to be let in? A cookie does that by itself, but not to another origin:
// there the app keeps the key that somebody signed in with, in this browser, and shows it with every request.

import { root } from "../address/address.ts";
import { remember, remembered } from "../session/remembered.ts";

/** Give where the service is: what index.html says, else where the app itself comes from. */
function serviceAddress(): string {
  const set = document.querySelector<HTMLMetaElement>("meta[name=lookalike-api]")?.content.trim();
  return new URL(set || root(), location.href).href.replace(/\/?$/, "/");
}

export const SERVICE = serviceAddress(); // asked for by every picture on the page
export const IS_ELSEWHERE = new URL(SERVICE).origin !== location.origin;

/** Give the full address of something that the service named, such as a `thumbnail_url`. */
export const fromService = (path: string): string => SERVICE + path.replace(/^\//, "");

const KEPT = `lookalike.key ${SERVICE}`;

/** Keep a key for a service on another origin; an empty one forgets it. */
export function keepKey(key: string): void {
  remember(KEPT, key);
}

/** Give the headers that show the key; none where none is kept, or a cookie does. */
export function showingKey(): Record<string, string> {
  const key = IS_ELSEWHERE ? remembered(KEPT) : "";
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Tell whether what lies at an address is only given to those who show their key, as an <img> cannot. */
export const needsKey = (url: string): boolean => IS_ELSEWHERE && url.startsWith(SERVICE) && "Authorization" in showingKey();
