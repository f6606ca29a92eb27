// Where is the visitor? A page's name and what the address says, so that every view can be linked and left by `back`.

import { useSyncExternalStore } from "react";

export const PAGES = ["search", "browse", "upload", "duplicates", "status"] as const;
export type PageName = (typeof PAGES)[number];

export interface Address {
  page: PageName | "nowhere";
  said: URLSearchParams;
}

/** Values that are empty or undefined are left out of the address. */
export type Said = Readonly<Record<string, string | number | undefined>>;

const MOVED = "lookalike:moved";

/** Give the path below which the app is hosted; all its pages are one level deep. */
export const root = (): string => location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1);

export function readAddress(href: string): Address {
  const { pathname, searchParams } = new URL(href);
  const name = pathname.slice(pathname.lastIndexOf("/") + 1).replace(/\.html$/, "");
  if (name === "" || name === "index") return { page: "search", said: searchParams };
  return { page: PAGES.find((page) => page === name && page !== "search") ?? "nowhere", said: searchParams };
}

export function href(page: PageName, said: Said = {}): string {
  const kept = Object.entries(said).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  const query = new URLSearchParams(kept).toString();
  return root() + (page === "search" ? "" : page) + (query ? `?${query}` : "");
}

/**
 * Where one is, where the browser does not say so yet: it takes only so many addresses in a short time. Safari throws beyond
 * 100 in 30 s, Chromium keeps silent. Source: https://bugs.webkit.org/show_bug.cgi?id=156115, https://crbug.com/1038223
 */
let ahead: string | null = null;
/** Whether that is a step of its own for `back`, which the history still lacks. */
let isOwed = false;
let noting: ReturnType<typeof setTimeout> | undefined;
const LATER_MS = 1_000;

const noted = (): string => location.pathname + location.search;
const shown = (): string => (ahead === null ? location.href : new URL(ahead, location.href).href);
const here = (): string => ahead ?? noted();

/** Have the browser say where one is; where it does not take that now, later. */
function note(target: string, replace: boolean): void {
  clearTimeout(noting);
  ahead = target;
  isOwed ||= !replace;
  try {
    if (isOwed) history.pushState({ behind: noted(), entry: String(Math.random()) }, "", target);
    else history.replaceState(history.state, "", target);
  } catch {
    // It is seen below, as where nothing is thrown.
  }
  if (shown() === location.href) isNoted();
  else noting = setTimeout(() => note(target, true), LATER_MS);
}

function isNoted(): void {
  clearTimeout(noting);
  ahead = null;
  isOwed = false;
}

addEventListener("popstate", isNoted);

/** Name the entry of the browser's history that is shown; the one by which somebody came in has no name. */
export const entry = (): string => (history.state as { entry?: string } | null)?.entry ?? "";

const pageOf = (target: string): Address["page"] => readAddress(new URL(target, location.href).href).page;

export interface Way {
  /** Leave no step for `back`. */
  replace?: boolean;
  /** Begin at the top, though the page may be the same; another page does so anyway. */
  toTop?: boolean;
}

/** Go to one of the app's own addresses, as `href` makes them. Only `back` and `forward` lead to what one had loaded and scrolled to. */
export function go(target: string, { replace = false, toTop = false }: Way = {}): void {
  const isOther = !replace && pageOf(target) !== pageOf(here());
  if (target !== here()) {
    note(target, replace);
    dispatchEvent(new Event(MOVED));
  }
  if (isOther || toTop) scrollTo(0, 0); // the browser has noted by now how far the page left behind was scrolled
}

let isGoingBack = false;

/** Go where one came from, if that is the address; else have it replace this one: `back` never opens again what was closed. */
export function close(target: string): void {
  if ((history.state as { behind?: string } | null)?.behind !== target) return go(target, { replace: true });
  if (isGoingBack) return; // it takes a moment, and who is impatient goes back no further
  isGoingBack = true;
  addEventListener("popstate", () => (isGoingBack = false), { once: true });
  history.back();
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(MOVED, changed);
  };
}

let last = { href: "", address: readAddress("http://localhost/") };

function snapshot(): Address {
  const now = shown();
  if (last.href !== now) last = { href: now, address: readAddress(now) };
  return last.address;
}

export const useAddress = (): Address => useSyncExternalStore(subscribe, snapshot);
