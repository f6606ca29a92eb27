// Which picture of a group is the one to keep? By a rule, unless a person said; what lies in protected folders stays.

import type { Image, Schemas } from "../../api/client.ts";
import { folderOf } from "../../api/naming.ts";

export type Group = Schemas["DuplicateGroup"];
export type PlanRequest = Required<Schemas["PlanRequest"]>;

export const RULES = ["largest", "oldest", "quality"] as const;
export type Rule = (typeof RULES)[number];

/** What a person decided, besides the rule; of pictures, as groups are numbered anew whenever somebody looks again. */
export interface Choices {
  readonly rule: Rule;
  /** Folders in which nothing is touched. */
  readonly folders: readonly string[];
  /** Pictures that are kept in their groups. */
  readonly keep: ReadonlySet<string>;
  /** Pictures that stay though they are spare. */
  readonly staying: ReadonlySet<string>;
  /** Pictures whose groups were put aside, or taken up again. */
  readonly aside: ReadonlyMap<string, boolean>;
}

export const UNDECIDED: Choices = { rule: "largest", folders: [], keep: new Set(), staying: new Set(), aside: new Map() };

/** What sets the kept one apart: the first measure in which it is better, or who or what decided. */
export type Why = Measure | "name" | "folder" | "person";

export interface Verdict {
  keep: Image;
  why: Why;
  goes: Image[];
  /** Spare ones that stay all the same. */
  stays: Image[];
}

/** Best first: what came out of a camera or lost nothing, then what compresses well. Source: lookalike.duplicates.keeping */
const FORMATS = ["raw", "tiff", "png", "heic", "avif", "webp", "jpeg", "bmp", "gif"];
const LAST = "9999";

type Values = Record<"pixels" | "bytes" | "format" | "age", number | string>;
type Measure = keyof Values;

const ORDERS: Record<Rule, readonly Measure[]> = {
  largest: ["pixels", "bytes", "format", "age"],
  oldest: ["age", "pixels", "bytes", "format"],
  quality: ["format", "pixels", "bytes", "age"],
};

/** Give what is compared; less is better. */
const valuesOf = (image: Image): Values => ({
  pixels: -image.width * image.height,
  bytes: -image.bytes,
  format: FORMATS.includes(image.format) ? FORMATS.indexOf(image.format) : FORMATS.length,
  age: `${image.taken_at ?? LAST} ${image.added_at}`,
});

export const isProtected = (image: Image, folders: readonly string[]): boolean => folders.some((folder) => image.path.startsWith(folder));

/** Give the first measure of a rule in which two pictures differ. */
function setsApart(one: Image, other: Image, rule: Rule): Measure | undefined {
  const [first, second] = [valuesOf(one), valuesOf(other)];
  return ORDERS[rule].find((measure) => first[measure] !== second[measure]);
}

/** Compare two pictures by a rule; negative where the first is the better one. */
export function compare(one: Image, other: Image, rule: Rule): number {
  const measure = setsApart(one, other, rule);
  if (measure) return valuesOf(one)[measure] < valuesOf(other)[measure] ? -1 : 1;
  return one.uri.length - other.uri.length || (one.uri < other.uri ? -1 : 1);
}

const picturesOf = (group: Group): Image[] => [group.keep, ...group.spare];

/** Have a picture kept in its group, and no other. */
export function keeping(keep: Choices["keep"], group: Group, id: string): Choices["keep"] {
  const others = new Set(picturesOf(group).map((image) => image.id));
  return new Set([...keep].filter((one) => !others.has(one))).add(id);
}

/** Have a spare picture stay, or go where a person had it stay: also one that was kept in a group that is now part of this one. */
export function lettingStay({ keep, staying }: Choices, id: string): Pick<Choices, "keep" | "staying"> {
  const without = (some: ReadonlySet<string>) => new Set([...some].filter((one) => one !== id));
  const stayed = keep.has(id) || staying.has(id);
  return { keep: without(keep), staying: stayed ? without(staying) : new Set(staying).add(id) };
}

/** Put a group aside, or take it up. */
export function putting(aside: Choices["aside"], group: Group, isPutAside: boolean): Choices["aside"] {
  return new Map([...aside, ...picturesOf(group).map(({ id }) => [id, isPutAside] as const)]);
}

export function decide(group: Group, { rule, folders, keep, staying }: Choices): Verdict {
  const all = picturesOf(group);
  const chosen = all.find((image) => keep.has(image.id));
  const safe = all.filter((image) => isProtected(image, folders));
  const [best = group.keep, second] = (safe.length ? safe : all).toSorted((one, other) => compare(one, other, rule));
  const kept = chosen ?? best;
  const others = all.filter((image) => image.id !== kept.id);
  const mayStay = (image: Image) => staying.has(image.id) || keep.has(image.id) || isProtected(image, folders);
  return {
    keep: kept,
    why: chosen ? "person" : safe.length ? "folder" : ((second && setsApart(best, second, rule)) ?? "name"),
    goes: others.filter((image) => !mayStay(image)),
    stays: others.filter(mayStay),
  };
}

/** Tell whether a group is put aside: those that are only similar are, until a person takes them up. */
export function isAside(group: Group, { aside }: Choices): boolean {
  const said = picturesOf(group).map(({ id }) => aside.get(id));
  return said.includes(true) || (group.tier === "similar" && !said.every((one) => one === false));
}

/** Give a folder and all above it, the uppermost first. */
const waysTo = (folder: string): string[] => [...folder.matchAll(/\//g)].map(({ index }) => folder.slice(0, index + 1));

/**
 * Give the folders in which pictures of groups lie, those with most of them first; also those above in which several of
 * these lie, but for one that holds them all.
 */
export function foldersOf(groups: readonly Group[]): string[] {
  const lying = new Map<string, number>();
  for (const group of groups) {
    for (const { path } of picturesOf(group)) lying.set(folderOf(path), (lying.get(folderOf(path)) ?? 0) + 1);
  }
  const within = new Map<string, number>();
  for (const [folder, count] of lying) for (const way of waysTo(folder)) within.set(way, (within.get(way) ?? 0) + count);
  const passages = new Set<string>(); // all that lies there lies in one folder further down
  for (const [folder, count] of within) {
    const above = waysTo(folder).at(-2);
    if (above && within.get(above) === count) passages.add(above);
  }
  const all = [...lying.values()].reduce((sum, count) => sum + count, 0);
  return [...within]
    .filter(([folder, count]) => lying.has(folder) || (count < all && !passages.has(folder)))
    .sort(([one, n], [other, m]) => m - n || one.localeCompare(other))
    .map(([folder]) => folder);
}

/** The most that the service takes at a time. */
export const MOST = 10_000;

/**
 * Put decisions into words for the service, as many as it takes; null where nothing would go. As each picture that goes
 * is named, none of them in a protected folder, the service need not know of folders: it may know some of them from
 * elsewhere only.
 */
export function planFor(groups: readonly Group[], choices: Choices, action: PlanRequest["action"], to: string): PlanRequest | null {
  const plan: PlanRequest = { action, groups: [], keep: {}, spare: [], to, protect: [] };
  for (const group of groups) {
    const { keep, goes } = decide(group, choices);
    if (!goes.length || isAside(group, choices)) continue;
    plan.groups.push(group.number);
    // Of too many the last ones: without the one that the service would keep, the first, it shows a group no more.
    plan.spare.push(...goes.slice(plan.spare.length - MOST).map((image) => image.id));
    if (keep.id !== group.keep.id) plan.keep[group.number] = keep.id;
    if (plan.spare.length === MOST) break;
  }
  return plan.groups.length ? plan : null;
}
