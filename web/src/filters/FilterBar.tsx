// Which pictures may answer? Chips for the common fields, the filter's terms, and the filter as text.

import { useId, useState, type ReactNode } from "react";

import { fromService } from "../api/service.ts";
import { useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Menu } from "../parts/Menu.tsx";
import { DateFilter } from "./DateFilter.tsx";
import { Facet, type FacetField } from "./Facet.tsx";
import styles from "./FilterBar.module.css";
import { splitTerms, without } from "./filters.ts";
import { SizeFilter } from "./SizeFilter.tsx";

interface FilterBarProps {
  where: string;
  onWhere: (where: string) => void;
  /** Whether the service could not read the filter. */
  invalid?: boolean;
  /** Stands before the chips. */
  children?: ReactNode;
}

const FACETS: readonly FacetField[] = ["label", "tag", "folder", "owner", "format"];

export function FilterBar({ where, onWhere, invalid = false, children }: FilterBarProps) {
  const { search } = useMessages();
  const terms = splitTerms(where);
  return (
    <div className={styles.bar} role="group" aria-label={search.filters}>
      <div className={styles.chips}>
        {children}
        {FACETS.map((field) => (
          <Menu key={field} label={search.filter[field]}>
            {() => <Facet field={field} where={where} onWhere={onWhere} />}
          </Menu>
        ))}
        <Menu label={search.filter.date}>{() => <DateFilter where={where} onWhere={onWhere} />}</Menu>
        <Menu label={search.filter.size}>{() => <SizeFilter where={where} onWhere={onWhere} />}</Menu>
        <Menu label={search.filter.text} pressed={invalid}>
          {() => <FilterText where={where} onWhere={onWhere} invalid={invalid} />}
        </Menu>
      </div>
      {terms.length > 0 && (
        <ul className={styles.terms}>
          {terms.map((term) => (
            <li key={term}>
              <button type="button" aria-label={search.removeTerm(term)} title={search.removeTerm(term)} onClick={() => onWhere(without(where, term))}>
                <span>{term}</span>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
          {terms.length > 1 && (
            <li>
              <Button look="bare" small onClick={() => onWhere("")}>
                {search.removeAll}
              </Button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

function FilterText({ where, onWhere, invalid }: FilterBarProps) {
  const { search } = useMessages();
  const id = useId();
  const [typed, setTyped] = useState(where);
  return (
    <form
      className={styles.text}
      onSubmit={(event) => {
        event.preventDefault();
        onWhere(typed.trim());
      }}
    >
      <label htmlFor={id}>{search.filterText}</label>
      <input
        id={id}
        value={typed}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={search.filterPlaceholder}
        aria-invalid={invalid || undefined}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className={styles.buttons}>
        <a href={fromService("docs")}>{search.moreFilters}</a>
        <Button small look="main" type="submit">
          {search.apply}
        </Button>
      </div>
    </form>
  );
}
