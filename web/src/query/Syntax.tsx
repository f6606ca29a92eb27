// What can be written into the query box? Shown where somebody asks.

import { useMessages } from "../messages/Messages.tsx";
import { Menu } from "../parts/Menu.tsx";
import styles from "./Syntax.module.css";

export function Syntax() {
  const { syntax } = useMessages().search;
  const lines = [
    ["playing dogs", syntax.words],
    ['"in the snow"', syntax.phrase],
    ["-people", syntax.not],
    ["beach:2", syntax.weight],
    ["taken:2019..2021", syntax.filter],
  ];
  return (
    <Menu label={syntax.open} icon="help" bare>
      {() => (
        <dl className={styles.syntax}>
          {lines.map(([example, meaning]) => (
            <div key={example}>
              <dt>
                <code>{example}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </Menu>
  );
}
