// What if a picture is dropped or pasted on a page that does not take it itself? It is searched with.

import { go, href } from "../address/address.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Curtain } from "../parts/Curtain.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { EMPTY, sayView } from "../query/query.ts";
import { useTakingIn } from "../query/useTakingIn.ts";

export function TakenAnywhere() {
  const { search } = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const isOver = useTakingIn({
    takesOwn: false, // whoever wants to choose several by dragging over them does not mean to search
    found: (picture, others) => {
      go(href("search", sayView({ ...EMPTY, picture })));
      if (others) toast({ text: search.onlyFirst(formats.number(others + 1)), seconds: 8 });
    },
    odd: (how) => toast({ text: search.notAPicture[how], seconds: 8 }),
  });
  return isOver && <Curtain />;
}
