// How long do answers take? By route, in milliseconds.

import type { Schemas } from "../../api/client.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import styles from "./StatusPage.module.css";

export function Latencies({ latencies }: { latencies: readonly Schemas["RouteLatency"][] }) {
  const { status } = useMessages();
  const formats = useFormats();
  if (!latencies.length) return null;
  const sorted = latencies.toSorted((one, other) => other.count - one.count);
  const ms = (value: number) => formats.number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
  return (
    <section aria-label={status.latencies} className={styles.section}>
      <h2>{status.latencies}</h2>
      <p className={styles.quiet}>{status.latenciesNote}</p>
      {/* Narrow windows scroll it, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.table} tabIndex={0} role="group" aria-label={status.route}>
        <table>
          <thead>
            <tr>
              <th scope="col">{status.route}</th>
              <th scope="col">{status.answers}</th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ route, count, p50, p95, p99 }) => (
              <tr key={route}>
                <th scope="row">
                  <code>{route}</code>
                </th>
                <td>{formats.number(count)}</td>
                <td>{ms(p50)}</td>
                <td>{ms(p95)}</td>
                <td>{ms(p99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
