// How is the same done to many things, a few at a time?

export interface Outcomes<Item, Result> {
  done: Result[];
  failed: { item: Item; error: unknown }[];
}

/** Do something to each item, at most so many at a time; one that fails stops no other, and after `signal` none is begun. */
export async function several<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  { atATime = 5, onDone, signal }: { atATime?: number; onDone?: (count: number) => void; signal?: AbortSignal } = {},
): Promise<Outcomes<Item, Result>> {
  const outcomes: Outcomes<Item, Result> = { done: [], failed: [] };
  const waiting = [...items];
  const next = () => (signal?.aborted ? undefined : waiting.shift());
  const work = async () => {
    for (let item = next(); item !== undefined; item = next()) {
      try {
        outcomes.done.push(await act(item));
      } catch (error) {
        outcomes.failed.push({ item, error });
      }
      onDone?.(outcomes.done.length + outcomes.failed.length);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return outcomes;
}
