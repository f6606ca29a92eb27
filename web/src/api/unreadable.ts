// Can a file that somebody chose still be read? Browsers only remember where it is; where it is gone, a request with it
// fails as if the service were silent.

export class Unreadable extends Error {
  constructor() {
    super("the file cannot be read any more");
    this.name = "Unreadable";
  }
}

/** Throw where a file cannot be read any more: it was changed, its card was pulled out, or it is a folder. */
export async function checkReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Unreadable();
  }
}
