// What can be written into the query box? Shown where somebody asks.

import { useMessages } from "../messages/Messages.tsx";
import { Menu } from "../parts/Menu.tsx";
import styles from "./Syntax.module.css";

export function Syntax() {
  const { syntax } = useMessages().search;
  const lines = [
    [syntax.examples.words, syntax.words],
    [syntax.examples.phrase, syntax.phrase],
    [syntax.examples.not, syntax.not],
    [syntax.examples.weight, syntax.weight],
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
