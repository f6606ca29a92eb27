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

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  return done(request);
}

/** Keep a picture, and give the key under which it is found again. */
export function keep(file: File): string {
  for (const [key, known] of inHand) if (known === file) return key;
  const key = newKey();
  inHand.set(key, file);
  store({ key, file, at: Date.now() }).catch(() => undefined); // a private window keeps nothing, and still can search
  return key;
}

/** Keep a picture for a page that is yet to come; gives its key once it is stored. */
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
    const database = await open();
    const kept = (await done(database.transaction(STORE).objectStore(STORE).get(key))) as Kept | undefined;
    database.close();
    if (kept) inHand.set(key, kept.file);
    return kept?.file;
  } catch {
    return undefined;
  }
}

/** Forget all of them, and what else this tab keeps, as somebody leaves or another comes. */
export async function forgetAll(): Promise<void> {
  inHand.clear();
  sessionStorage.clear();
  try {
    await done(indexedDB.deleteDatabase(DATABASE));
  } catch {
    // A private window keeps nothing.
  }
}

async function store(kept: Kept): Promise<void> {
  const database = await open();
  const pictures = database.transaction(STORE, "readwrite").objectStore(STORE);
  const all = (await done(pictures.getAll())) as Kept[];
  const newest = all.sort((a, b) => b.at - a.at);
  const old = newest.filter((one, n) => n >= MOST - 1 || one.at < Date.now() - DAY_MS);
  for (const one of old) pictures.delete(one.key);
  await done(pictures.put(kept));
  database.close();
}
