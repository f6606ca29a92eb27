// How is what was written about pictures taken back?

import { useCallback } from "react";

import { answer, api, type Image } from "../api/client.ts";
import { several } from "../api/several.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { tellShortly } from "../parts/Notice.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { saysStill } from "./editing.ts";

const UNDO_SECONDS = 30;
const AT_ONCE = 10_000;

/** Give the function that says that pictures were saved, and offers to undo it. */
export function useUndoing(onChanged: (images: readonly Image[]) => void): (saved: readonly Image[]) => void {
  const messages = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const { change, frame } = messages;
  return useCallback(
    (saved: readonly Image[]) => {
      const undo = async () => {
        const asked = saved.slice(0, AT_ONCE);
        const now = await several(asked, ({ id }) => answer(api.GET("/v1/images/{id}", { params: { path: { id } } })));
        const known = new Map(now.done.map((image) => [image.id, image]));
        const ids = asked.filter((one) => saysStill(known.get(one.id) ?? one, one)).map(({ id }) => id);
        const images = ids.length ? (await answer(api.POST("/v1/images/undo", { body: { ids } }))).images : [];
        onChanged([...now.done, ...images]);
        const left = saved.length - images.length;
        toast({ text: left ? change.notUndone(formats.number(left), left === 1) : change.undone });
      };
      toast({
        text: change.saved(formats.number(saved.length), saved.length === 1),
        seconds: UNDO_SECONDS,
        action: { label: frame.undo, run: () => void undo().catch((error: unknown) => toast({ text: tellShortly(error, messages) })) },
      });
    },
    [onChanged, toast, messages, change, frame, formats],
  );
}
