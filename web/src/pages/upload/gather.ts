// Which files are pictures, among those that somebody chose or dropped, folders and all?

import { ACCEPTED } from "../../query/intake.ts";

const ENDINGS = ACCEPTED.split(",").filter((one) => one.startsWith("."));
const DEEPEST = 32;

export const isPicture = ({ name, type }: Pick<File, "name" | "type">): boolean =>
  !name.startsWith(".") &&
  (type.startsWith("image/") ? type !== "image/svg+xml" : ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)));

/** Part files into pictures and what is none. */
export function sorted(files: readonly File[]): { pictures: File[]; others: number } {
  const pictures = files.filter(isPicture);
  return { pictures, others: files.length - pictures.length };
}

export interface Dropped {
  files: File[];
  /** How many files and folders could not be read, or lie too deep. */
  unread: number;
}

/** Give everything that was dropped, also what lies in folders. Must be called before the drop's event ends. */
export async function droppedFiles(data: DataTransfer): Promise<Dropped> {
  const entries = [...data.items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry?.() : null));
  if (!entries.some((entry) => entry?.isDirectory)) return { files: [...data.files], unread: 0 };
  const dropped: Dropped = { files: [], unread: 0 };
  for (const entry of entries) if (entry) await gather(entry, 0, dropped);
  return dropped;
}

async function gather(entry: FileSystemEntry, depth: number, dropped: Dropped): Promise<void> {
  try {
    if (entry.isFile) dropped.files.push(await fileOf(entry as FileSystemFileEntry));
    else if (depth >= DEEPEST) dropped.unread += 1;
    else for await (const one of within(entry as FileSystemDirectoryEntry)) await gather(one, depth + 1, dropped);
  } catch {
    dropped.unread += 1;
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject));

/** Browsers give a folder's entries in runs of up to 100. Source: https://wicg.github.io/entries-api/#dom-filesystemdirectoryreader-readentries */
async function* within(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    const run = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!run.length) return;
    yield* run;
  }
}
