// Which network looks at the pictures, and under which licence?

import type { Schemas } from "../../api/client.ts";
import { isWeb } from "../../hit/Actions.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Icon } from "../../parts/Icon.tsx";
import styles from "./StatusPage.module.css";

interface ModelCardProps {
  title: string;
  model: Schemas["Model"];
  spaces: readonly Schemas["SpaceInfo"][];
}

export function ModelCard({ title, model, spaces }: ModelCardProps) {
  const { status } = useMessages();
  const formats = useFormats();
  const languages = model.languages.map((code) => formats.languageName(code)).join(", ");
  return (
    <article className={styles.card}>
      <h3>
        {title} <span>{[model.name, model.version].filter(Boolean).join(" ")}</span>
      </h3>
      <dl>
        {model.licence && (
          <div>
            <dt>{status.licence}</dt>
            <dd className={styles.licence}>{model.licence}</dd>
          </div>
        )}
        {languages && (
          <div>
            <dt>{status.languages}</dt>
            <dd>{languages}</dd>
          </div>
        )}
        {spaces.length > 0 && (
          <div>
            <dt>{status.spaces}</dt>
            <dd>
              <ul className={styles.spaces}>
                {spaces.map(({ name, dim, encoder, role, lacking }) => (
                  <li key={name} title={encoder}>
                    <code>{name}</code>{" "}
                    {[
                      status.dims(formats.number(dim)),
                      status.roles[role],
                      lacking > 0 && status.lacking(formats.number(lacking)),
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {model.source && (
          <div>
            <dt>{status.source}</dt>
            <dd>
              {isWeb(model.source) ? (
                <a href={model.source} target="_blank" rel="noopener noreferrer">
                  {new URL(model.source).host} <Icon name="external" size={14} />
                </a>
              ) : (
                <span lang="en">{model.source}</span>
              )}
            </dd>
          </div>
        )}
      </dl>
      {model.about && (
        <details>
          <summary>{status.about}</summary>
          <p lang="en">{model.about}</p>
        </details>
      )}
    </article>
  );
}
