// Which signs are there? Drawn on a grid of 24, in the colour of the text around them.

const PATHS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l4.5 4.5",
  image: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM4.5 16.5 9 12l4 4 2.5-2.5 4 4M15.5 8.5h.01",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1ZM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z",
  grid: "M4 4h7v9H4ZM13 4h7v5h-7ZM13 11h7v9h-7ZM4 15h7v5H4Z",
  upload: "M12 15.5V4.5M7.5 9 12 4.5 16.5 9M4.5 16v3.5h15V16",
  download: "M12 4.5v11M7.5 11l4.5 4.5 4.5-4.5M4.5 16v3.5h15V16",
  duplicates: "M4 4h11v11H4ZM9 15v5h11V9h-5",
  status: "M3.5 12h4l2.5-7 4 14 2.5-7h4",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19.5 7",
  left: "M14.5 5 7.5 12l7 7",
  right: "M9.5 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  crop: "M7 2.5V17h14.5M2.5 7H17v14.5",
  filter: "M4 6h16M7 12h10M10 18h4",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  external: "M10 5H5v14h14v-5M14 4.5h5.5V10M19 5l-8 8",
  copy: "M8.5 8.5h11v11h-11ZM5.5 15.5h-1v-11h11v1",
  edit: "M4.5 19.5 5.5 15 16 4.5 19.5 8 9 18.5ZM13.5 7 17 10.5",
  trash: "M5 7h14M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10 10.5v5.5M14 10.5v5.5",
  undo: "M8.5 5 4.5 9l4 4M5 9h9a5 5 0 0 1 0 10h-4",
  again: "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.5v4h-4",
  disk: "M4.5 14.5h15v5h-15ZM6.5 14.5l2-10h7l2 10M16 17h.01",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  play: "M8 5.5v13l10.5-6.5Z",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  folder: "M3.5 6h6l2 2.5h9v10.5h-17Z",
  user: "M12 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM5 19.5c.8-3.8 3.6-5.5 7-5.5s6.2 1.7 7 5.5",
  calendar: "M4.5 6h15v13.5h-15ZM4.5 10.5h15M8.5 3.5v4M15.5 3.5v4",
  warning: "M12 4 2.5 20h19ZM12 10v5M12 17.5h.01",
  help: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM9.5 9.5c.2-1.5 1.2-2.3 2.6-2.3 1.5 0 2.5.9 2.5 2.2 0 1.9-2.6 2-2.6 4M12 16.6h.01",
  blink: "M3 12s3.2-6 9-6 9 6 9 6-3.2 6-9 6-9-6-9-6ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  side: "M3.5 5.5h7.5v13H3.5ZM13 5.5h7.5v13H13Z",
  layers: "M12 3.5 3 8.5l9 5 9-5ZM4.5 12.8 12 17l7.5-4.2M4.5 16.6 12 20.8l7.5-4.2",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2",
  similar: "M4 4h10v10H4ZM10 17.5v2.5h10V10h-2.5",
  key: "M8 8.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 12.5h9.5M18 12.5v3.5",
} as const;

export type IconName = keyof typeof PATHS;

/** A sign beside or instead of a text; whoever shows it alone gives its button a name. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" ? 3 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
