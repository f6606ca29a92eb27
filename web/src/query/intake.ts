// How does a picture get in? Dropped anywhere, pasted anywhere, chosen, or as an address.

import { keep } from "./kept.ts";
import type { QueryPicture } from "./query.ts";

const WEB = /^https?:\/\/\S+$/i;
const BARE = /^[\w-]+(\.[\w-]+)+\/\S+$/;
const ID = "([a-z2-7]{16})(?![a-z2-7])";
/** An opened hit comes before the picture that it answers. */
const OURS = [`[?&]hit=${ID}`, `[?&]id=${ID}`, `/v1/images/${ID}`].map((one) => new RegExp(one));

/** What a file chooser offers: pictures, and those that browsers do not count as such. */
export const ACCEPTED = "image/*,.heic,.heif,.avif,.jxl,.dng,.cr2,.cr3,.nef,.arw,.raf,.orf,.rw2,.tif,.tiff";

/** Take a file to search with. */
export const ofFile = (file: File): QueryPicture => ({ kind: "file", key: keep(file) });

/** Read an address that somebody typed, pasted or dragged; null where it is none. */
export function fromAddress(text: string): QueryPicture | null {
  const address = text.trim().split("\n")[0] ?? "";
  if (/^data:image\//i.test(address)) return fromDataUri(address);
  if (BARE.test(address) && !address.includes(":")) return { kind: "url", url: `https://${address}` };
  if (!WEB.test(address) || !URL.canParse(address)) return null;
  const isOurs = new URL(address).origin === location.origin;
  const own = isOurs ? OURS.map((one) => one.exec(address)?.[1]).find(Boolean) : undefined;
  return own ? { kind: "id", id: own } : { kind: "url", url: address };
}

/** Tell whether what is no address was surely meant as one. */
export const isMeantAsAddress = (text: string): boolean => /^\s*(?:(?:https?|ftp|file):\/\/|data:image\/)/i.test(text);

function fromDataUri(uri: string): QueryPicture | null {
  const [, type, body] = /^data:(image\/[\w.+-]+);base64,([\w+/=\s]+)$/i.exec(uri) ?? [];
  if (!body) return null;
  try {
    const bytes = Uint8Array.from(atob(body), (one) => one.charCodeAt(0));
    return ofFile(new File([bytes], "pasted", { type }));
  } catch {
    return null; // it only looked like base64
  }
}

/** Read what was pasted or dropped: a file, or the address of a picture; null where it is neither. */
export function fromTransfer(data: DataTransfer): QueryPicture | null {
  const address = data.getData("text/uri-list");
  const own = address ? fromAddress(address) : null;
  if (own?.kind === "id") return own; // a picture of ours that is dragged also comes as a file
  const [file] = picturesIn(data);
  return file ? ofFile(file) : (own ?? fromAddress(data.getData("text/plain")));
}

/** Give the files that may be pictures. */
export const picturesIn = (data: DataTransfer): File[] => [...data.files].filter((one) => one.type === "" || one.type.startsWith("image/"));

/**
 * Tell whether what is pasted is text, and so for the field somebody types into: spreadsheets and word processors put a
 * picture of their text beside it. Where the text only names the file, as file managers do, the file is meant.
 */
export function isText(data: DataTransfer): boolean {
  const text = data.getData("text/plain").trim();
  const files = picturesIn(data);
  return !files.length || (text !== "" && !files.some(({ name }) => text.endsWith(name)));
}

/** Tell whether something that is dragged over the page may be a picture. */
export const mayBePicture = (data: DataTransfer | null): boolean =>
  Boolean(data?.types.some((type) => type === "Files" || type === "text/uri-list"));

/** Tell whether there is a folder among what was dropped, which browsers give as if it were a file. */
export const holdsFolder = (data: DataTransfer): boolean =>
  [...data.items].some((item) => item.kind === "file" && item.webkitGetAsEntry?.()?.isDirectory === true);
