// Can a picture not be shown? Not any more, once somebody has signed in: it may have been refused while the session was over.

import { useCallback, useEffect, useState } from "react";

import { LOGIN_DONE } from "../api/client.ts";

/** Give whether a picture is missing, and what is to be called where it is. */
export function useMissing() {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    if (!isMissing) return;
    const tryAgain = () => setMissing(false);
    addEventListener(LOGIN_DONE, tryAgain);
    return () => removeEventListener(LOGIN_DONE, tryAgain);
  }, [isMissing]);
  const onMissing = useCallback(() => setMissing(true), []);
  return { isMissing, onMissing };
}
