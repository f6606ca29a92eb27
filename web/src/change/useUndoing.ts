// How is what was written about pictures taken back?

import { useCallback } from "react";

import { answer, api, partly, type EditedImage, type Image } from "../api/client.ts";
import { several } from "../api/several.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { tellShortly } from "../parts/Notice.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { note } from "./changes.ts";

const UNDO_SECONDS = 30;
const AT_ONCE = 10_000;

/** Give the function that says that pictures were saved, and offers to undo it; names that offer, so that another may stand for it. */
export function useUndoing(onChanged: (images: readonly Image[]) => void): (saved: readonly EditedImage[], instead?: number) => number {
  const messages = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const { change, frame } = messages;
  return useCallback(
    (saved: readonly EditedImage[], instead?: number) => {
      const undo = async () => {
        const edits = saved.slice(0, AT_ONCE).map(({ edit }) => edit);
        const { images, missing } = await answer(api.POST("/v1/images/undo", { body: partly({ edits }) }));
        const others = await several(missing, (id) => answer(api.GET("/v1/images/{id}", { params: { path: { id } } })));
        const now = [...images, ...others.done];
        note({ kind: "change", images: now });
        onChanged(now);
        const left = saved.length - images.length;
        toast({ text: left ? change.notUndone(formats.number(left), left === 1) : change.undone });
      };
      return toast({
        instead,
        text: change.saved(formats.number(saved.length), saved.length === 1),
        seconds: UNDO_SECONDS,
        action: { label: frame.undo, run: () => void undo().catch((error: unknown) => toast({ text: tellShortly(error, messages) })) },
      });
    },
    [onChanged, toast, messages, change, frame, formats],
  );
}
