// Which requests does the worker answer itself? Those for the app's own files, and what a phone shares; nothing else.

export type Kind = "share" | "asset" | "page" | "other";

interface Asked {
  method: string;
  mode: string;
  url: string;
}

/** Tell what is asked for below `scope`, the address where the app lives. */
export function kindOf({ method, mode, url }: Asked, scope: string): Kind {
  const { origin, pathname } = new URL(url);
  const home = new URL(scope);
  if (origin !== home.origin || !pathname.startsWith(home.pathname)) return "other";
  const path = pathname.slice(home.pathname.length);
  if (method === "POST") return path === "share" ? "share" : "other";
  if (method !== "GET") return "other";
  if (/^assets\/[^/]+\.(?:js|css|woff2)$/.test(path)) return "asset";
  return mode === "navigate" && /^[a-z]*(?:\.html)?$/.test(path) && path !== "docs" ? "page" : "other";
}

const ADDRESS = /https?:\/\/\S+/i;

/** Read what was shared besides files: an address to search by, or words. */
export function sharedWords({ url = "", text = "", title = "" }: Readonly<Record<string, string | undefined>>): { url?: string; text?: string } {
  const address = ADDRESS.exec(url)?.[0] ?? ADDRESS.exec(text)?.[0];
  if (address) return { url: address };
  const words = (text || title).trim();
  return words ? { text: words } : {};
}
