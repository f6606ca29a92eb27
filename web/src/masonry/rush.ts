// Does the window rush past its pictures? Those that nobody gets to see need not be fetched.

import { useEffect, useState } from "react";

/** What is in sight for less than this is not seen; and without a step for so long, the window stands still. */
const GLANCE_MS = 100;

export class Rush {
  /** Whether whatever is in sight now is gone at once. */
  isOn = false;
  #last = { top: 0, at: -Infinity, fast: false };
  readonly #waiting = new Set<() => void>();
  #standing: ReturnType<typeof setTimeout> | undefined;

  /** Note where the window stands at some millisecond. One long step is a jump; a rush takes several. */
  note(top: number, at: number, height = innerHeight): void {
    if (top === this.#last.top) return; // told once more, by another list of pictures on the page
    const took = at - this.#last.at;
    const fast = took < GLANCE_MS && Math.abs(top - this.#last.top) * GLANCE_MS > height * took;
    this.isOn = fast && this.#last.fast;
    this.#last = { top, at, fast };
    clearTimeout(this.#standing);
    if (this.isOn) this.#standing = setTimeout(() => this.#end(), GLANCE_MS);
    else this.#end();
  }

  /** Call when it is over, at once where there is none; gives what takes that back. */
  whenOver(call: () => void): () => void {
    if (!this.isOn) call();
    else this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }

  #end(): void {
    this.isOn = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call();
  }
}

/** Of the one window that there is. */
export const rush = new Rush();

/** Say whether a picture is to be shown: from when the window first does not rush past it. */
export function useSeen(): boolean {
  const [seen, setSeen] = useState(!rush.isOn);
  useEffect(() => (seen ? undefined : rush.whenOver(() => setSeen(true))), [seen]);
  return seen;
}
