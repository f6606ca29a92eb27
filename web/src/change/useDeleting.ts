// How are pictures deleted so that a slip of the hand does no harm?

import { useCallback } from "react";

import { answer, api } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { several } from "../api/several.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { tellShortly } from "../parts/Notice.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { note } from "./changes.ts";
import { whileMoving } from "./moving.ts";

const UNDO_SECONDS = 30;
/** How many the service brings back at a time. */
const AT_ONCE = 10_000;

async function deleteOne(id: string): Promise<string> {
  await api.DELETE("/v1/images/{id}", { params: { path: { id } } }).catch((error: unknown) => {
    if (!(error instanceof Problem && error.kind === "gone")) throw error;
  });
  return id;
}

interface Restored {
  /** How many it was too late for. */
  late: number;
  /** Those that were not brought back, as that broke off; empty where it did not. */
  left: readonly string[];
  /** Why it broke off. */
  error: unknown;
}

/** Bring pictures back, however many; notes those that are back as they come. */
export async function restoreAll(ids: readonly string[]): Promise<Restored> {
  let late = 0;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    try {
      const { missing } = await whileMoving(some, () => answer(api.POST("/v1/images/restore", { body: { ids: some } })));
      const gone = new Set(missing);
      note({ kind: "back", ids: some.filter((id) => !gone.has(id)) });
      late += gone.size;
    } catch (error) {
      return { late, left: ids.slice(from), error };
    }
  }
  return { late, left: [], error: null };
}

/** Give the function that deletes pictures at once, and offers to undo it. */
export function useDeleting(): (ids: readonly string[]) => void {
  const messages = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const { change, frame } = messages;
  return useCallback(
    (ids: readonly string[]) => {
      const say = (error: unknown, instead?: number) => toast({ text: tellShortly(error, messages), instead });
      const offerUndo = (text: string, gone: readonly string[], instead?: number) =>
        toast({ instead, text, seconds: UNDO_SECONDS, action: { label: frame.undo, run: () => void restore(gone) } });
      const restore = async (gone: readonly string[]) => {
        const { late, left, error } = await restoreAll(gone);
        if (left.length) offerUndo(tellShortly(error, messages), left);
        else toast({ text: late ? change.notBack(formats.number(late)) : change.back(formats.number(gone.length), gone.length === 1) });
      };
      const remove = async () => {
        note({ kind: "gone", ids });
        const begun = toast({ text: change.deleting(formats.number(ids.length), ids.length === 1), seconds: UNDO_SECONDS });
        const { done, failed, left } = await whileMoving(ids, () => several(ids, deleteOne));
        if (done.length < ids.length) note({ kind: "back", ids: [...failed.map(({ item }) => item), ...left] });
        if (failed[0]) say(failed[0].error, done.length ? undefined : begun);
        if (!done.length) return;
        offerUndo(change.deleted(formats.number(done.length), done.length === 1), done, begun);
      };
      void remove();
    },
    [toast, messages, change, frame, formats],
  );
}
