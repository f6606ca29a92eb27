// What is said about work that goes on in the background?

export const jobs = {
  kinds: {
    index: "Indexing a folder",
    retry: "Trying again what failed",
    duplicates: "Looking for duplicates",
    apply: "Tidying duplicates",
    undo: "Taking it back",
  },
  states: { waiting: "waits for its turn", running: "at work", done: "done", failed: "failed", cancelled: "cancelled" },
  stopping: "stopping…",
  done: (count: string) => `${count} done`,
  doneOf: (count: string, total: string) => `${count} of ${total}`,
  rate: (count: string) => `${count} a second`,
  left: (span: string) => `about ${span} left`,
  outcomes: {
    added: "added",
    updated: "updated",
    unchanged: "unchanged",
    removed: "gone",
    unreadable: "unreadable",
    too_large: "too large",
    unreachable: "unreachable",
    blocked: "blocked",
    group: "groups",
    done: "done",
    left: "left alone",
    undone: "put back",
    restored: "back in the gallery",
  },
  failures: (count: string) => `What failed, and why (${count})`,
};
