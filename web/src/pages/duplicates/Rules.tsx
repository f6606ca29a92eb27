// By which rule is the picture chosen that stays, and which folders are never touched?

import { useState } from "react";

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
        {() => <Folders choices={choices} folders={folders} onChoices={onChoices} />}
      </Menu>
    </div>
  );
}

/** How many folders are shown, and from how many on a field narrows them. */
const [MOST, MANY] = [200, 20];

/** The folders that may be protected; what lies below one that is, is protected, too. */
function Folders({ choices, folders, onChoices }: RulesProps) {
  const { duplicates, search } = useMessages();
  const formats = useFormats();
  const [typed, setTyped] = useState("");
  const chosen = choices.folders;
  const known = new Set(folders);
  const all = [...chosen.filter((folder) => !known.has(folder)), ...folders];
  const sought = typed.trim().toLocaleLowerCase();
  const found = all.filter((folder) => folder.toLocaleLowerCase().includes(sought) || chosen.includes(folder));
  const toggle = (folder: string) => onChoices({ ...choices, folders: chosen.includes(folder) ? chosen.filter((one) => one !== folder) : [...chosen, folder] });
  return (
    <div className={styles.folders}>
      <p>{duplicates.protectHint}</p>
      {all.length > MANY && (
        <input className={styles.narrow} type="search" value={typed} aria-label={search.narrow} placeholder={search.narrow} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
      )}
      <ul>
        {found.slice(0, MOST).map((folder) => {
          const isBelow = chosen.some((one) => one !== folder && folder.startsWith(one));
          return (
            <li key={folder}>
              <label>
                <input type="checkbox" checked={isBelow || chosen.includes(folder)} disabled={isBelow} onChange={() => toggle(folder)} />
                <bdi>{folder}</bdi>
              </label>
            </li>
          );
        })}
      </ul>
      {found.length > MOST && <p>{duplicates.andMore(formats.number(found.length - MOST))}</p>}
    </div>
  );
}
