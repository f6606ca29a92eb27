// What does the service tell as it happens? Server-sent events, read by fetch: EventSource cannot show a key.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html

import { Problem, isAbort, problemOf } from "./problem.ts";
import { fromService, showingKey } from "./service.ts";

export interface Told {
  id: string;
  event: string;
  data: string;
}

/** Read one block of lines, such as `event: done`; null where it is a comment, which says only that somebody is there. */
export function readEvent(block: string): Told | null {
  const told: Told = { id: "", event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name) told[name as keyof Told] = value;
  }
  return told.data ? told : null;
}

/** Follow a stream of events behind the last one that is known, until it ends; throws a `Problem`, or an abort. */
export async function* eventsOf(path: string, last: string, signal: AbortSignal): AsyncGenerator<Told> {
  const headers = { ...showingKey(), Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
  try {
    const response = await fetch(fromService(path), { headers, signal });
    if (!response.ok || !response.body) throw await problemOf(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += read.value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const told of blocks.map(readEvent)) if (told) yield told;
    }
  } catch (error) {
    throw isAbort(error) || error instanceof Problem ? error : new Problem(0, {});
  }
}
