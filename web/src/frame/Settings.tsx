// Which language, light or dark, and who is signed in?

import { useId } from "react";

import { fromService } from "../api/service.ts";
import { LANGUAGES, isLanguage } from "../messages/catalogue.ts";
import { useSpeech } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Menu } from "../parts/Menu.tsx";
import { tellShortly } from "../parts/Notice.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { useAccess } from "../session/Session.tsx";
import { chooseTheme, useTheme } from "../style/theme.ts";
import { useInstall } from "../worker/register.ts";
import styles from "./Settings.module.css";

export function Settings() {
  const { messages, language, speak } = useSpeech();
  const { frame } = messages;
  const { session, leave } = useAccess();
  const toast = useToast();
  const theme = useTheme();
  const install = useInstall();
  const id = useId();
  return (
    <Menu label={frame.settings} icon="sliders" bare>
      {() => (
        <div className={styles.settings}>
          <label htmlFor={id}>{frame.language}</label>
          <select id={id} value={language} onChange={({ target }) => isLanguage(target.value) && speak(target.value)}>
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
          <span id={`${id}-theme`}>{frame.theme}</span>
          <div role="group" aria-labelledby={`${id}-theme`} className={styles.themes}>
            <Button small icon="sun" aria-pressed={theme === "light"} onClick={() => chooseTheme("light")}>
              {frame.light}
            </Button>
            <Button small icon="moon" aria-pressed={theme === "dark"} onClick={() => chooseTheme("dark")}>
              {frame.dark}
            </Button>
          </div>
          <a href={fromService("docs")} className={styles.reference}>
            {frame.reference}
          </a>
          {install && (
            <Button small icon="download" onClick={install}>
              {frame.install}
            </Button>
          )}
          {session?.name && (
            <Button small icon="key" onClick={() => void leave().catch((error: unknown) => toast({ text: tellShortly(error, messages) }))}>
              {frame.login.leave}
            </Button>
          )}
        </div>
      )}
    </Menu>
  );
}
