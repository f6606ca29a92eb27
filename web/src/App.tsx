// What is drawn: the page that the address names, within the frame, for those who may see it.

import { Suspense } from "react";

import { useAddress } from "./address/address.ts";
import { Frame } from "./frame/Frame.tsx";
import { Nowhere } from "./frame/Nowhere.tsx";
import { MessagesProvider } from "./messages/Messages.tsx";
import { PAGE_TABLE } from "./pages/pages.ts";
import { Mending } from "./parts/Mending.tsx";
import { Toasts } from "./parts/Toasts.tsx";
import { Login, LoginAgain } from "./session/Login.tsx";
import { SessionProvider, useAccess } from "./session/Session.tsx";

export function App() {
  return (
    <MessagesProvider>
      <SessionProvider>
        <Page />
      </SessionProvider>
    </MessagesProvider>
  );
}

function Page() {
  const { page } = useAddress();
  const { session, needsLogin, who, visitors } = useAccess();
  if (!session) return null;
  if (needsLogin && who === null) return <Login />;
  const entry = page === "nowhere" ? undefined : PAGE_TABLE[page];
  return (
    <Toasts key={visitors}>
      <Frame>
        <Mending key={page}>
          <Suspense>{entry ? <entry.Page /> : <Nowhere />}</Suspense>
        </Mending>
      </Frame>
      {needsLogin && <LoginAgain />}
    </Toasts>
  );
}
