/** Line icons of one weight, drawn here so that nothing is fetched. They only accompany words and labels. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  group:
    "M9 11a3.2 3.2 0 100-6.4A3.2 3.2 0 009 11zm-6 8c.4-3.4 2.700-5 6-5s5.600 1.600 6 5M16 5a3 3 0 010 5.600M17.500 14.300c2 .6 3.200 2.100 3.500 4.700",
  plusGroup:
    "M10 11a3.2 3.2 0 100-6.4A3.200 3.200 0 0010 11zm-6.500 8c.4-3.400 2.800-5 6.500-5 1.200 0 2.200.2 3.100.5M18 13.500v6M15 16.500h6",
  search: "M11 17.500a6.500 6.500 0 100-13 6.500 6.500 0 000 13zM16 16l4.500 4.500",
  send: "M12 19V6M6.500 11.500L12 6l5.500 5.500",
  settings: "M4 8h9M17 8h3M4 16h3M11 16h9M15 5.700v4.600M9 13.700v4.600",
  down: "M12 5v13M6.500 12.500L12 18l5.500-5.500",
  clock: "M12 20a8 8 0 100-16 8 8 0 000 16zM12 8v4.300l2.800 1.700",
  warning: "M12 4.500L21 19.500H3zM12 10v4.500M12 17v.2",
  chat: "M4 5.500h16v10.500h-9L7 19.500V16H4z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
