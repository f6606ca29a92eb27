// What was changed, deleted and brought back here, and since when? Lists that were not in sight catch up with it.

import type { Image } from "../api/client.ts";

export type Change =
  | { kind: "change"; images: readonly Image[] }
  | { kind: "gone"; ids: readonly string[] }
  | { kind: "back"; ids: readonly string[] };

/** After it comes what was done next; what nobody looks back to any more is forgotten by itself. */
export interface Moment {
  next: { change: Change; moment: Moment } | null;
}

let now: Moment = { next: null };
const listeners = new Set<(change: Change) => unknown>();

export const present = (): Moment => now;

/** Note what was done to pictures. */
export function note(change: Change): void {
  const moment: Moment = { next: null };
  now.next = { change, moment };
  now = moment;
  for (const listener of listeners) listener(change);
}

/** Give what was done after a moment, in its order. */
export function after(moment: Moment): readonly Change[] {
  const changes = [];
  for (let one = moment.next; one; one = one.moment.next) changes.push(one.change);
  return changes;
}

/** Call with whatever is noted from now on; gives what ends that. */
export function onNoted(call: (change: Change) => unknown): () => void {
  listeners.add(call);
  return () => void listeners.delete(call);
}
