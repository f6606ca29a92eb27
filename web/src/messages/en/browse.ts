// What is said while somebody looks through the pictures?

export const browse = {
  keys: "The arrow keys move, Enter opens, the space bar chooses, with Shift several. Delete deletes.",
  order: "Order",
  orders: { added: "Latest first", taken: "Date taken", earliest: "Earliest taken first", folder: "Folders", largest: "Largest first" },
  years: "Years",
  fromStart: "All",
  uploaded: "Uploaded",
  undated: "No date",
  taken: (year: string, count: string) => `${count} taken in ${year}`,
  choose: (name: string) => `Choose ${name}`,
  chooseAll: (what: string) => `Choose all: ${what}`,
  chosen: (count: string) => `${count} chosen`,
  chosenTools: "What can be done with those chosen",
  clear: "Choose none",
  loading: "More are coming…",
  all: (count: string) => `That is all: ${count}.`,
  come: (count: string, isOne: boolean) => (isOne ? "One has come: show it" : `${count} have come: show them`),
  empty: "Upload some, or have a folder of the machine that runs Lookalike indexed.",
  add: "Add pictures",
  showAll: "Show all pictures",
};
