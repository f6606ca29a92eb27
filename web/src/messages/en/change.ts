// What is said while somebody writes about pictures, or deletes them?

export const change = {
  edit: "Edit",
  delete: "Delete",
  deleteHint: "It leaves the gallery. Your own files stay where they are; what was uploaded here is kept for an hour.",
  about: (name: string) => `About ${name}`,
  aboutMany: (count: string) => `About ${count} pictures`,
  fields: { title: "Title", caption: "Caption", label: "Label", owner: "Owner" },
  tags: "Tags",
  addTags: "Add tags, between commas",
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  ofAll: (some: string, all: string) => `${some} of ${all}`,
  differs: "Different ones; they stay if you type nothing",
  save: "Save",
  saving: (done: string, all: string) => `Saving ${done} of ${all}…`,
  saved: (count: string, isOne: boolean) => (isOne ? "Saved." : `Saved for ${count} pictures.`),
  undone: "All is as it was before.",
  notUndone: (count: string, isOne: boolean) => (isOne ? "It stays as it is: it was written about again, or too long ago." : `${count} stay as they are: written about again since, or too long ago.`),
  deleting: (count: string, isOne: boolean) => (isOne ? "Deleting one picture…" : `Deleting ${count} pictures…`),
  deleted: (count: string, isOne: boolean) => (isOne ? "One picture deleted." : `${count} pictures deleted.`),
  back: (count: string, isOne: boolean) => (isOne ? "It is back." : `${count} pictures are back.`),
  notBack: (count: string) => `${count} could not come back: more than an hour has passed.`,
};
