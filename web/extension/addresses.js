// Where is the service, and which of its addresses searches with a picture?

export const USUAL = "http://127.0.0.1:8077/";

/** Read an address that somebody typed; null where it is none. */
export function readService(typed) {
  const text = typed.trim();
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!text || !URL.canParse(whole)) return null;
  const { protocol, origin, pathname } = new URL(whole);
  if (protocol !== "http:" && protocol !== "https:") return null;
  return origin + pathname.replace(/[^/]*$/, "");
}

/** Give the address that searches: with a picture's bytes, behind a # that never leaves the browser, or by where it is. */
export function searchAddress(service, { data, url }) {
  if (data && data.startsWith("data:image/")) return `${service}#${data}`;
  return url && /^https?:/i.test(url) ? `${service}?${new URLSearchParams({ url })}` : service;
}
