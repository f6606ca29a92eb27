// What is searched with, and how does it stand in the address?

import type { Said } from "../address/address.ts";

/** x, y, width and height, as fractions of the upright picture. */
export type Crop = readonly [number, number, number, number];

export const MODES = ["auto", "picture", "caption", "all"] as const;
export type Mode = (typeof MODES)[number];

/** A picture that was dropped, pasted, chosen or taken lies in the browser, under a key. */
export type QueryPicture =
  | { readonly kind: "file"; readonly key: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "id"; readonly id: string };

export interface Query {
  readonly text: string;
  readonly picture: QueryPicture | null;
  readonly crop: Crop | null;
  readonly mode: Mode;
}

export const SORTS = ["best", "newest", "oldest", "largest", "name"] as const;
export type Sort = (typeof SORTS)[number];

/** How many answers there may be at most; the service gives no more. */
export const MOST = 10_000;

/** How many are put into an order of their own: all of them must be there first. */
export const MOST_SORTED = 1_000;

/** A query, and how its answers are shown. */
export interface View extends Query {
  /** A filter in the service's language. */
  readonly where: string;
  readonly sort: Sort;
  /** Confidence below which answers are left out, in per cent. */
  readonly least: number;
  readonly most: number;
  /** The id of the hit that is opened; empty for none. */
  readonly hit: string;
}

export const EMPTY: View = {
  text: "",
  picture: null,
  crop: null,
  mode: "auto",
  where: "",
  sort: "best",
  least: 0,
  most: MOST,
  hit: "",
};

const oneOf = <T extends string>(names: readonly T[], name: string | null, otherwise: T): T =>
  names.find((one) => one === name) ?? otherwise;

function whole(text: string | null, least: number, most: number, otherwise: number): number {
  const number = Number(text);
  return text && Number.isFinite(number) ? Math.min(most, Math.max(least, Math.round(number))) : otherwise;
}

function roundedSide(start: number, length: number): [number, number] {
  const first = Math.min(Math.round(start * 1000), 999);
  return [first / 1000, Math.max(1, Math.min(Math.round(length * 1000), 1000 - first)) / 1000];
}

/** Round a region as an address says it: within the picture, though places and lengths are rounded apart. */
export function roundedCrop(crop: Crop): Crop {
  const [x, width] = roundedSide(crop[0], crop[2]);
  const [y, height] = roundedSide(crop[1], crop[3]);
  return [x, y, width, height];
}

export function readCrop(text: string | null): Crop | null {
  const [x, y, width, height, ...more] = (text ?? "").split(",").map(Number);
  if (x === undefined || y === undefined || width === undefined || height === undefined || more.length) return null;
  const inside = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.001 && y + height <= 1.001;
  return inside ? roundedCrop([x, y, width, height]) : null;
}

function readPicture(said: URLSearchParams): QueryPicture | null {
  const [id, url, key] = [said.get("id"), said.get("url"), said.get("picture")];
  if (id) return { kind: "id", id };
  if (url) return { kind: "url", url };
  return key ? { kind: "file", key } : null;
}

/** Give the modes that a query offers: with words beside it, its picture is never searched with by its looks alone. */
export const modesFor = ({ text }: Pick<Query, "text">): readonly Mode[] => MODES.filter((mode) => mode !== "picture" || !text.trim());

export function readView(said: URLSearchParams): View {
  const picture = readPicture(said);
  const text = said.get("text") ?? "";
  return {
    text,
    picture,
    crop: picture ? readCrop(said.get("crop")) : null,
    mode: picture ? oneOf(modesFor({ text }), said.get("mode"), "auto") : "auto",
    where: said.get("where") ?? "",
    sort: oneOf(SORTS, said.get("sort"), "best"),
    least: whole(said.get("least"), 0, 99, 0),
    most: whole(said.get("most"), 1, MOST, MOST),
    hit: said.get("hit") ?? "",
  };
}

/** Say a view as an address does, without what goes without saying. */
export function sayView(view: View): Said {
  const { picture } = view;
  const mode = oneOf(modesFor(view), view.mode, "auto");
  return {
    picture: picture?.kind === "file" ? picture.key : undefined,
    id: picture?.kind === "id" ? picture.id : undefined,
    url: picture?.kind === "url" ? picture.url : undefined,
    crop: picture && view.crop ? roundedCrop(view.crop).map((share) => share.toFixed(3)).join(",") : undefined,
    text: view.text,
    mode: picture && mode !== "auto" ? mode : undefined,
    where: view.where,
    sort: view.sort === "best" ? undefined : view.sort,
    least: view.least || undefined,
    most: view.most === MOST ? undefined : view.most,
    hit: view.hit,
  };
}

/** Give how many answers are shown at most. */
export const mostOf = ({ most, sort }: Pick<View, "most" | "sort">): number =>
  sort === "best" ? most : Math.min(most, MOST_SORTED);

export const isEmpty = (query: Query): boolean => !query.picture && !query.text.trim();

/** Tell whether words are searched with: those somebody wrote, or those that describe the picture. */
export const isByWords = ({ text, picture, mode }: Query): boolean => text.trim() !== "" || (picture !== null && mode === "caption");

/** Name what the answers depend upon: equal for views that the service answers alike. */
export const questionOf = ({ text, picture, crop, mode, where }: View): string =>
  JSON.stringify([text.trim(), picture, crop, mode, where.trim()]);

/** Tell whether two queries are about the same picture. */
export const samePicture = (one: QueryPicture | null, other: QueryPicture | null): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
