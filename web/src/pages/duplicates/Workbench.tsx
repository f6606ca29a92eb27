// Where is decided what becomes of duplicates? By rules for all groups, and by hand for any.

import { useMemo, useState } from "react";

import { go, href, useAddress } from "../../address/address.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { useAccess } from "../../session/Session.tsx";
import { CompareDialog } from "./CompareDialog.tsx";
import { useChoices } from "./decisions.ts";
import { GroupCard, type Deciding } from "./GroupCard.tsx";
import { decide, foldersOf, isAside, keeping, lettingStay, planFor, putting, type PlanRequest } from "./keeping.ts";
import { Rules } from "./Rules.tsx";
import type { Found } from "./useGroups.ts";
import { usePairs } from "./usePairs.ts";
import styles from "./Workbench.module.css";

const TIERS = ["identical", "edited", "similar"] as const;
const SHOWN = 60;

export function Workbench({ found, onPlan }: { found: Found; onPlan: (asked: PlanRequest) => void }) {
  const { duplicates, search } = useMessages();
  const formats = useFormats();
  const { said } = useAddress();
  const { may } = useAccess();
  const { choices, setChoices } = useChoices();
  const [action, setAction] = useState<PlanRequest["action"]>("forget");
  const [to, setTo] = useState("");
  const [count, setCount] = useState(SHOWN);
  const tier = TIERS.find((one) => one === said.get("tier")) ?? null;
  const { groups, tiers } = found;
  const listed = useMemo(() => (tier ? groups.filter((group) => group.tier === tier) : groups), [groups, tier]);
  const verdicts = useMemo(() => new Map(listed.map((group) => [group.number, decide(group, choices)])), [listed, choices]);
  const folders = useMemo(() => foldersOf(groups), [groups]);
  const asked = useMemo(() => planFor(listed, choices, action, to.trim()), [listed, choices, action, to]);
  const { bytes, later } = useMemo(() => {
    const named = new Set(asked?.spare ?? []);
    const spare = listed.flatMap((group) => (isAside(group, choices) ? [] : (verdicts.get(group.number)?.goes ?? [])));
    const going = spare.filter((one) => named.has(one.id));
    return { bytes: going.reduce((sum, one) => sum + one.bytes, 0), later: spare.length - going.length };
  }, [asked, listed, choices, verdicts]);
  const pairs = usePairs(listed, verdicts);

  const { open } = pairs;
  const deciding = useMemo<Deciding>(
    () => ({
      onKeep: (group, id) => setChoices((now) => ({ ...now, keep: keeping(now.keep, group, id) })),
      onStay: (id) => setChoices((now) => ({ ...now, ...lettingStay(now, id) })),
      onAside: (group, aside) => setChoices((now) => ({ ...now, aside: putting(now.aside, group, aside) })),
      onCompare: open,
    }),
    [open, setChoices],
  );
  const show = (next: string | null) => go(href("duplicates", { tier: next ?? undefined }), { replace: true });
  const { pair } = pairs;
  const mayAct = may("write");
  return (
    <>
      <div className={styles.tools}>
        <div className={styles.tiers} role="group" aria-label={duplicates.which}>
          <Button small look="bare" aria-pressed={!tier} onClick={() => show(null)}>
            {duplicates.allTiers} <span>{formats.number(tiers.identical + tiers.edited + tiers.similar)}</span>
          </Button>
          {TIERS.filter((one) => tiers[one] > 0).map((one) => (
            <Button key={one} small look="bare" aria-pressed={tier === one} onClick={() => show(one)}>
              {duplicates.tiers[one]} <span>{formats.number(tiers[one])}</span>
            </Button>
          ))}
        </div>
        <Rules choices={choices} folders={folders} onChoices={setChoices} />
      </div>
      <div className={styles.groups}>
        {listed.slice(0, count).map((group) => {
          const verdict = verdicts.get(group.number);
          return verdict && <GroupCard key={group.number} group={group} verdict={verdict} isAside={isAside(group, choices)} deciding={deciding} />;
        })}
      </div>
      {listed.length > count && (
        <p className={styles.more}>
          <Button onClick={() => setCount(count + SHOWN)}>{duplicates.showMore(formats.number(listed.length - count))}</Button>
        </p>
      )}
      {mayAct && (
        <form
          className={styles.act}
          aria-label={duplicates.act}
          onSubmit={(event) => {
            event.preventDefault();
            if (asked) onPlan(asked);
          }}
        >
          <p role="status">
            <strong data-going>{asked ? duplicates.going(formats.number(asked.spare.length), asked.spare.length === 1) : duplicates.nothingGoes}</strong>
            {asked && <span>{formats.bytes(bytes)}</span>}
            {!found.isComplete && <span>{search.loadingMore}</span>}
            {later > 0 && <span data-later>{duplicates.later(formats.number(later))}</span>}
          </p>
          <select value={action} aria-label={duplicates.action} onChange={({ target }) => setAction(target.value as PlanRequest["action"])}>
            <option value="forget">{duplicates.actions.forget}</option>
            {may("administer") && (
              <>
                <option value="move">{duplicates.actions.move}</option>
                <option value="hardlink">{duplicates.actions.hardlink}</option>
                <option value="delete">{duplicates.actions.delete}</option>
              </>
            )}
          </select>
          {action === "move" && (
            <input value={to} required aria-label={duplicates.to} placeholder={duplicates.to} autoComplete="off" spellCheck={false} onChange={({ target }) => setTo(target.value)} />
          )}
          <Button look="main" type="submit" disabled={!asked || !found.isComplete}>
            {duplicates.dryRun}
          </Button>
        </form>
      )}
      {pair && (
        <CompareDialog
          kept={pair.verdict.keep}
          other={pair.other}
          isSpare={pair.verdict.goes.includes(pair.other)}
          onKeepOther={() => deciding.onKeep(pair.group, pair.other.id)}
          onStay={() => deciding.onStay(pair.other.id)}
          onClose={pairs.close}
          onPrevious={pairs.previous}
          onNext={pairs.next}
        />
      )}
    </>
  );
}
