// How is the same done to many things, a few at a time?

export interface Outcomes<Item, Result> {
  done: Result[];
  failed: { item: Item; error: unknown }[];
}

/** Do something to each item, at most so many at a time; one that fails stops no other. */
export async function several<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  { atATime = 5, onDone }: { atATime?: number; onDone?: (count: number) => void } = {},
): Promise<Outcomes<Item, Result>> {
  const outcomes: Outcomes<Item, Result> = { done: [], failed: [] };
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
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
