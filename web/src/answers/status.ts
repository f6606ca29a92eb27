// What is the answer, in one line? An honest one, where nothing is alike.

import type { Messages } from "../messages/catalogue.ts";
import { sharesRegion, type Groups } from "./groups.ts";

interface Asked {
  byWords: boolean;
  /** Whether a filter, or a word to leave out, leaves pictures out. */
  isNarrowed: boolean;
  /** How many hits the service gave, whether they are shown or not. */
  given: number;
}

export function headline(groups: Groups, { byWords, isNarrowed, given }: Asked, { status }: Messages["search"]): string {
  const { identical, edited, similar, far } = groups;
  if (identical.length) return status.identical(identical.length);
  if (edited.length) return status.edited(edited.length);
  if (similar.length && byWords) return status.fit;
  if (similar.length) return similar.every(sharesRegion) ? status.part : status.alike;
  if (given > 0 && far.length === 0) return status.tooStrict;
  if (isNarrowed && given === 0) return status.filtered;
  return byWords ? status.nothingFits : status.nothingAlike;
}
