// Which files are pictures, among those that somebody chose or dropped, folders and all?

import { ACCEPTED } from "../../query/intake.ts";

const ENDINGS = ACCEPTED.split(",").filter((one) => one.startsWith("."));
/** Browsers give a folder's entries in runs of up to 100. Source: https://wicg.github.io/entries-api/#dom-filesystemdirectoryreader-readentries */
const DEEPEST = 32;

export const isPicture = ({ name, type }: Pick<File, "name" | "type">): boolean =>
  !name.startsWith(".") &&
  (type.startsWith("image/") ? type !== "image/svg+xml" : ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)));

/** Part files into pictures and what is none. */
export function sorted(files: readonly File[]): { pictures: File[]; others: number } {
  const pictures = files.filter(isPicture);
  return { pictures, others: files.length - pictures.length };
}

/** Give everything that was dropped, also what lies in folders. Must be called before the drop's event ends. */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry?.() : null));
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files];
  const found = await Promise.all(entries.map((entry) => (entry ? within(entry, 0) : [])));
  return found.flat();
}

async function within(entry: FileSystemEntry, depth: number): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) => (entry as FileSystemFileEntry).file(resolve, () => resolve(null)));
    return file ? [file] : [];
  }
  if (depth >= DEEPEST) return [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    const run = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!run.length) return found;
    for (const one of run) found.push(...(await within(one, depth + 1)));
  }
}
