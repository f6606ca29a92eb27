// What is said about some pictures together, and what must be sent to change it?

import type { Image, Schemas } from "../api/client.ts";

export const FIELDS = ["title", "caption", "label", "owner"] as const;
export type FieldName = (typeof FIELDS)[number];
export type Patch = Partial<Schemas["Words"]>;

export interface Words {
  /** Null where the pictures differ. */
  readonly fields: Readonly<Record<FieldName, string | null>>;
  /** How many of the pictures carry each tag, in the order in which they first stand. */
  readonly tags: ReadonlyMap<string, number>;
}

export interface Draft {
  /** What was typed; left out where nothing was. */
  readonly fields: Readonly<Partial<Record<FieldName, string>>>;
  /** Those that no picture shall keep, though they differ. */
  readonly erased: readonly FieldName[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export const UNTOUCHED: Draft = { fields: {}, erased: [], added: [], removed: [] };

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Gather what pictures have in common. */
export function wordsOf(images: readonly Image[]): Words {
  const common = (name: FieldName) => {
    const values = new Set(images.map((image) => image[name]));
    return values.size === 1 ? (images[0]?.[name] ?? "") : null;
  };
  const tags = new Map<string, number>();
  for (const tag of images.flatMap((image) => image.tags)) {
    const known = [...tags.keys()].find((one) => same(one, tag)) ?? tag;
    tags.set(known, (tags.get(known) ?? 0) + 1);
  }
  return { fields: { title: common("title"), caption: common("caption"), label: common("label"), owner: common("owner") }, tags };
}

/** Write into a field, which then is not erased. */
export function withField(draft: Draft, name: FieldName, typed: string): Draft {
  return { ...draft, fields: { ...draft.fields, [name]: typed }, erased: draft.erased.filter((one) => one !== name) };
}

/** Erase a field of all pictures, whatever was typed; or let them keep it after all. */
export function withErased(draft: Draft, name: FieldName): Draft {
  if (draft.erased.includes(name)) return { ...draft, erased: draft.erased.filter((one) => one !== name) };
  return { ...withField(draft, name, ""), erased: [...draft.erased, name] };
}

/** Add what somebody typed, tags between commas; one that was taken away is no longer. */
export function withTags(draft: Draft, typed: string): Draft {
  const tags = typed.split(",").map((tag) => tag.trim()).filter(Boolean);
  const removed = draft.removed.filter((one) => !tags.some((tag) => same(one, tag)));
  const added = [...draft.added];
  for (const tag of tags) {
    const wasThere = draft.removed.some((one) => same(one, tag));
    if (!wasThere && !added.some((one) => same(one, tag))) added.push(tag);
  }
  return { ...draft, added, removed };
}

/** Take a tag away: one that was just added, or one that pictures carry. */
export function withoutTag(draft: Draft, tag: string): Draft {
  if (draft.added.some((one) => same(one, tag))) return { ...draft, added: draft.added.filter((one) => !same(one, tag)) };
  return { ...draft, removed: [...draft.removed, tag] };
}

/** Give what changes; null where nothing does. A field that differs and is empty, touched or not, stays as it is. */
export function patchOf(words: Words, { fields, erased, added, removed }: Draft): Patch | null {
  const patch: Patch = {};
  for (const name of FIELDS) {
    const typed = fields[name]?.trim();
    if (erased.includes(name)) patch[name] = "";
    else if (typed !== undefined && typed !== (words.fields[name] ?? "")) patch[name] = typed;
  }
  if (added.length) patch.add_tags = [...added];
  if (removed.length) patch.remove_tags = [...removed];
  return Object.keys(patch).length ? patch : null;
}
