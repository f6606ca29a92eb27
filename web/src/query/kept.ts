// Where are pictures kept that somebody searches with? In this browser, for a day, so that reloading and `back` find them.

const DATABASE = "lookalike";
const STORE = "pictures";
const DAY_MS = 24 * 60 * 60 * 1000;
const MOST = 24;

interface Kept {
  key: string;
  file: File;
  at: number;
}

const inHand = new Map<string, File>();

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });

/** Work on what is stored; the database is closed after it, come what may, as none can be deleted that is open. */
async function inStore<T>(mode: IDBTransactionMode, work: (pictures: IDBObjectStore) => Promise<T>): Promise<T> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  const database = await done(request);
  try {
    return await work(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

/** Keep a picture, and give the key under which it is found again. */
export function keep(file: File): string {
  for (const [key, known] of inHand) if (known === file) return key;
  const key = newKey();
  inHand.set(key, file);
  void store({ key, file, at: Date.now() });
  return key;
}

/** Keep a picture for a page that is yet to come; gives its key once it is stored, or cannot be. */
export async function keepForLater(file: File): Promise<string> {
  const key = newKey();
  await store({ key, file, at: Date.now() });
  return key;
}

const newKey = (): string => crypto.getRandomValues(new Uint32Array(2)).reduce((text, part) => text + part.toString(36), "");

/** Give a kept picture; undefined where it is not, or no longer, there. */
export async function find(key: string): Promise<File | undefined> {
  const known = inHand.get(key);
  if (known) return known;
  try {
    const kept = (await inStore("readonly", (pictures) => done(pictures.get(key)))) as Kept | undefined;
    if (!kept || isOld(kept)) return undefined;
    inHand.set(key, kept.file);
    return kept.file;
  } catch {
    return undefined;
  }
}

/** Forget all of them, and what else this tab keeps, as somebody leaves or another comes. */
export async function forgetAll(): Promise<void> {
  inHand.clear();
  try {
    sessionStorage.clear();
    const request = indexedDB.deleteDatabase(DATABASE);
    const blocked = new Promise((resolve) => (request.onblocked = resolve)); // another tab has it open, and closes it soon
    await Promise.race([done(request), blocked]);
  } catch {
    // A private window keeps nothing, nor does a browser that blocks it.
  }
}

const isOld = ({ at }: Kept): boolean => at < Date.now() - DAY_MS;

/** Forget those whose day is over. */
export const forgetOld = (): Promise<void> => inStore("readwrite", (pictures) => sweep(pictures, MOST)).catch(() => undefined);

/** Leave only so many, the newest ones, of those whose day is not over. */
async function sweep(pictures: IDBObjectStore, most: number): Promise<void> {
  const all = (await done(pictures.getAll())) as Kept[];
  const newest = all.sort((a, b) => b.at - a.at);
  const over = newest.filter((one, n) => n >= most || isOld(one));
  for (const { key } of over) pictures.delete(key);
}

/** Store a picture; a private window keeps nothing, nor does a full disk, and one still can search. */
async function store(kept: Kept): Promise<void> {
  const putIn = async (pictures: IDBObjectStore) => {
    await sweep(pictures, MOST - 1);
    await done(pictures.put(kept));
  };
  await inStore("readwrite", putIn).catch(() => undefined);
}
