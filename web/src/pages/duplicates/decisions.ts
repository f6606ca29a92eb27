// What did somebody decide about duplicates? Kept in this tab, so that neither reloading nor another page loses it.

import { useEffect, useState } from "react";

import { SERVICE } from "../../api/service.ts";
import { RULES, UNDECIDED, type Choices } from "./keeping.ts";

const PLACE = `lookalike.duplicates ${SERVICE}`;

/** Choices as JSON can hold them. */
interface Kept {
  rule: string;
  folders: string[];
  keep: string[];
  staying: string[];
  aside: [id: string, isPutAside: boolean][];
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(PLACE);
  } catch {
    return null; // the browser blocks it
  }
}

export function readChoices(): Choices {
  const text = kept();
  if (!text) return UNDECIDED;
  const { rule, folders, keep, staying, aside } = JSON.parse(text) as Kept;
  return { rule: RULES.find((one) => one === rule) ?? UNDECIDED.rule, folders, keep: new Set(keep), staying: new Set(staying), aside: new Map(aside) };
}

export function keepChoices({ rule, folders, keep, staying, aside }: Choices): void {
  const kept: Kept = { rule, folders: [...folders], keep: [...keep], staying: [...staying], aside: [...aside] };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
  } catch {
    // It is full, or blocked: what was decided holds until the page is left.
  }
}

/** What is decided, and how to decide otherwise. It is about pictures, so it holds, too, when somebody looks again. */
export function useChoices() {
  const [choices, setChoices] = useState<Choices>(readChoices);
  useEffect(() => keepChoices(choices), [choices]);
  return { choices, setChoices };
}
