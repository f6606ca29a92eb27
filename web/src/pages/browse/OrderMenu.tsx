// In which order shall the pictures stand?

import { useMessages } from "../../messages/Messages.tsx";
import { Icon, type IconName } from "../../parts/Icon.tsx";
import { Menu } from "../../parts/Menu.tsx";
import styles from "./OrderMenu.module.css";
import { ORDERS, type OrderName } from "./order.ts";

const ICONS: Record<OrderName, IconName> = { added: "clock", taken: "calendar", earliest: "calendar", folder: "folder", largest: "image" };

export function OrderMenu({ order, onOrder }: { order: OrderName; onOrder: (order: OrderName) => void }) {
  const { browse } = useMessages();
  return (
    <Menu label={browse.orders[order]} icon={ICONS[order]} className={styles.button}>
      {(close) => (
        <ul className={styles.orders} aria-label={browse.order}>
          {ORDERS.map((one) => (
            <li key={one}>
              <button
                type="button"
                aria-pressed={one === order}
                onClick={() => {
                  close();
                  onOrder(one);
                }}
              >
                <Icon name={ICONS[one]} size={18} />
                {browse.orders[one]}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Menu>
  );
}
