// May the visitor come in, and what may they do? As the service says; where it does not ask, everything.

import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { go, href } from "../address/address.ts";
import { forgetLists } from "../address/places.ts";
import { LOGIN_NEEDED, answer, api, sayLogin, type Schemas } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { rest } from "../api/rest.ts";
import { IS_ELSEWHERE, keepKey } from "../api/service.ts";
import { forgetAll } from "../query/kept.ts";

const ASK_MS = 5_000;

export type Deed = "write" | "administer" | "index";
export type Session = Schemas["SessionInfo"];

interface Access {
  session: Session | null;
  needsLogin: boolean;
  /** Who was let in last, and has not left; null where nobody was. */
  who: string | null;
  /** How often one has left or another come in their place, so that nothing is left of what the one before looked at. */
  visitors: number;
  /** Whether the visitor may upload, edit and delete; delete files and block; have folders of the service indexed. */
  may: (deed: Deed) => boolean;
  enter: (key: string) => Promise<void>;
  leave: () => Promise<void>;
}

const UNKNOWN: Session = {
  login_needed: false,
  name: "",
  scope: "read",
  may_write: false,
  may_administer: false,
  may_index: false,
  issuer: "",
};

const AccessContext = createContext<Access | null>(null);

/** Give what the visitor may do: `useAccess().may("write")`. */
export function useAccess(): Access {
  const access = useContext(AccessContext);
  if (!access) throw new Error("useAccess is used outside of SessionProvider");
  return access;
}

async function ask(): Promise<Session> {
  const found = await answer(api.GET("/v1/session"));
  if (found.scope === null) keepKey(""); // whatever was kept is not good, or no longer
  return found;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  const [expired, setExpired] = useState(false);
  const [who, setWho] = useState<string | null>(null);
  const [visitors, setVisitors] = useState(0);

  const take = useCallback((found: Session) => {
    if (found.scope !== null) setWho(found.name);
    setSession(found);
    setExpired(false);
  }, []);
  const look = useCallback(async () => take(await ask()), [take]);
  useEffect(() => {
    const leaving = new AbortController();
    const lookPatiently = async (): Promise<void> => {
      try {
        await look();
      } catch (error) {
        setSession((now) => now ?? UNKNOWN); // what is asked for next says better what is wrong
        if (!(error instanceof Problem && error.isPassing)) return;
        await rest(ASK_MS, leaving.signal);
        await lookPatiently();
      }
    };
    lookPatiently().catch(() => undefined); // nobody wants to know any longer
    const expire = () => setExpired(true);
    addEventListener(LOGIN_NEEDED, expire);
    return () => {
      leaving.abort();
      removeEventListener(LOGIN_NEEDED, expire);
    };
  }, [look]);

  const access = useMemo<Access>(() => {
    const allowed = {
      write: session?.may_write ?? false,
      administer: session?.may_administer ?? false,
      index: session?.may_index ?? false,
    };
    return {
      session,
      needsLogin: expired || (session !== null && session.scope === null),
      who,
      visitors,
      may: (deed) => allowed[deed],
      enter: async (key) => {
        if (IS_ELSEWHERE) keepKey(key);
        else await api.POST("/v1/session", { body: { key } });
        const found = await ask();
        if (found.scope === null) throw new Problem(401, {});
        sayLogin(who === found.name);
        if (who !== null && who !== found.name) {
          await forgetAll();
          go(href("search"), { replace: true, toTop: true });
          forgetLists();
          setVisitors((count) => count + 1);
        }
        take(found);
      },
      leave: async () => {
        if (IS_ELSEWHERE) keepKey("");
        else await api.DELETE("/v1/session");
        sayLogin(false); // what is still under way is not carried out by who comes next
        await forgetAll();
        go(href("search"), { replace: true, toTop: true }); // what was looked at is nothing to who comes next
        const found = await ask();
        setWho(null);
        forgetLists();
        setVisitors((count) => count + 1);
        take(found);
      },
    };
  }, [session, expired, who, visitors, take]);
  return <AccessContext value={access}>{children}</AccessContext>;
}
