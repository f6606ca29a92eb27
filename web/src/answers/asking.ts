// How is a query put to the service?

import { answer, api, formOf, type SearchAnswer } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { checkReadable } from "../api/unreadable.ts";
import { find } from "../query/kept.ts";
import type { Query, View } from "../query/query.ts";

/** The picture somebody searched with is not in this browser (any more). */
export class PictureGone extends Error {}

/** Put the picture of a query, and other fields, as the service takes them: as a form where it is a file, else as JSON. */
export async function bodyOf(query: Pick<Query, "picture" | "crop">, others: Record<string, string | number | undefined>) {
  const { picture, crop } = query;
  const cut = picture && crop ? crop : undefined;
  if (picture?.kind === "file") {
    const file = await find(picture.key);
    if (!file) throw new PictureGone();
    await checkReadable(file);
    return formOf({ image: file, crop: cut?.join(","), ...others });
  }
  const where = picture?.kind === "url" ? { url: picture.url } : picture ? { id: picture.id } : {};
  const said = Object.entries(others).filter(([, value]) => value !== undefined && value !== "");
  return { ...where, ...(cut && { crop: [...cut] }), ...Object.fromEntries(said) };
}

/** Ask for one page of answers. */
export async function search(view: View, page: { cursor: string; limit: number }, signal: AbortSignal): Promise<SearchAnswer> {
  const mode = view.picture ? view.mode : "auto";
  const body = await bodyOf(view, { text: view.text.trim(), where: view.where.trim(), mode, ...page });
  const found = await answer(api.POST("/v1/search", { body: body as never, signal }));
  const { hits, ...rest } = found as SearchAnswer; // the client's own types widen the corners of regions
  return { ...rest, hits: hits.map(lean) };
}

const NO_LIST = Object.freeze([]);
const NO_OBJECT = Object.freeze({});

/** Let all that is empty in an answer be the same: of 10,000 hits it is a fifth of the memory. */
export function lean<Part extends object>(part: Part): Part {
  const values = part as Record<string, unknown>; // changed where they are: copies would take the memory that is saved
  for (const [name, value] of Object.entries(values)) if (value && typeof value === "object") values[name] = sharing(value);
  return part;
}

function sharing(value: object): object {
  if (Array.isArray(value)) return value.length ? value : NO_LIST;
  return Object.keys(value).length ? lean(value) : NO_OBJECT;
}

/** Have a query's picture described; empty where nobody can. */
export async function describe(query: Pick<Query, "picture" | "crop">, signal: AbortSignal): Promise<string> {
  const body = await bodyOf(query, {});
  try {
    const { caption, recognised } = await answer(api.POST("/v1/describe", { body: body as never, signal }));
    return caption || (recognised[0]?.name ?? "");
  } catch (error) {
    if (error instanceof Problem) return ""; // only a suggestion, and the search itself says what is wrong
    throw error;
  }
}

/** Have a query and a picture of the gallery drawn where they agree. */
export async function drawing(query: Pick<Query, "picture" | "crop">, id: string, draw: "side_by_side" | "overlay", signal: AbortSignal): Promise<Blob> {
  const body = await bodyOf(query, { draw });
  const asked = api.POST("/v1/images/{id}/evidence", { params: { path: { id } }, body: body as never, parseAs: "blob", signal });
  return (await answer(asked)) as unknown as Blob;
}
