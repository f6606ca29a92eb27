// How is the same done to many things, a few at a time?

import { loginsSoFar } from "./client.ts";
import { isAbort } from "./problem.ts";

export interface Outcomes<Item, Result> {
  done: Result[];
  failed: { item: Item; error: unknown }[];
  /** What was cut off, or not begun any more. */
  left: Item[];
}

/**
 * Do something to each item, at most so many at a time; one that fails stops no other. None is begun after `signal`, after
 * one was cut off, nor in the name of another visitor than the one who began.
 */
export async function several<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  { atATime = 5, onDone, signal }: { atATime?: number; onDone?: (count: number) => void; signal?: AbortSignal } = {},
): Promise<Outcomes<Item, Result>> {
  const outcomes: Outcomes<Item, Result> = { done: [], failed: [], left: [] };
  const waiting = [...items];
  const visitor = loginsSoFar().others;
  const mayGoOn = () => !signal?.aborted && !outcomes.left.length && loginsSoFar().others === visitor;
  const next = () => (mayGoOn() ? waiting.shift() : undefined);
  const work = async () => {
    for (let item = next(); item !== undefined; item = next()) {
      try {
        outcomes.done.push(await act(item));
      } catch (error) {
        if (isAbort(error)) outcomes.left.push(item);
        else outcomes.failed.push({ item, error });
      }
      onDone?.(outcomes.done.length + outcomes.failed.length);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  outcomes.left.push(...waiting);
  return outcomes;
}
