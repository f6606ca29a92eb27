// By which rule is the picture chosen that stays, and which folders are never touched?

import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Menu } from "../../parts/Menu.tsx";
import { RULES, type Choices } from "./keeping.ts";
import styles from "./Workbench.module.css";

interface RulesProps {
  choices: Choices;
  /** Folders in which some of the pictures lie. */
  folders: readonly string[];
  onChoices: (choices: Choices) => void;
}

export function Rules({ choices, folders, onChoices }: RulesProps) {
  const { duplicates } = useMessages();
  const formats = useFormats();
  const count = choices.folders.length;
  const toggle = (folder: string) =>
    onChoices({ ...choices, folders: choices.folders.includes(folder) ? choices.folders.filter((one) => one !== folder) : [...choices.folders, folder] });
  return (
    <div className={styles.rules}>
      <div className={styles.rule} role="group" aria-label={duplicates.keepWhich}>
        <span aria-hidden="true">{duplicates.keepWhich}</span>
        {RULES.map((rule) => (
          <Button key={rule} small aria-pressed={choices.rule === rule} title={duplicates.ruleHints[rule]} onClick={() => onChoices({ ...choices, rule })}>
            {duplicates.rules[rule]}
          </Button>
        ))}
      </div>
      <Menu label={count ? duplicates.protectedCount(formats.number(count)) : duplicates.protect} icon="key" pressed={count > 0}>
        {() => (
          <div className={styles.folders}>
            <p>{duplicates.protectHint}</p>
            <ul>
              {folders.map((folder) => (
                <li key={folder}>
                  <label>
                    <input type="checkbox" checked={choices.folders.includes(folder)} onChange={() => toggle(folder)} />
                    <bdi>{folder}</bdi>
                  </label>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Menu>
    </div>
  );
}
