// Which pictures are just being deleted or brought back? What is listed and counted meanwhile may hold them or not.

const moving = new Set<string>();

export const onTheMove = (): ReadonlySet<string> => moving;

/** Do what deletes pictures or brings them back, and know of it until that is over. */
export async function whileMoving<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
  for (const id of ids) moving.add(id);
  try {
    return await work();
  } finally {
    for (const id of ids) moving.delete(id);
  }
}
