import { computed, effect, type Signal, signal } from "@preact/signals";
import { errorText } from "../text/errors.ts";
import { DICTIONARIES, type Language, LANGUAGES } from "../text/languages.ts";

/** What a person chose for this browser. Nothing here is secret, so localStorage may keep it. */

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const language = signal<Language>(
  pick(stored("language"), Object.keys(LANGUAGES) as Language[]) ?? preferred(),
);
export const theme = signal<Theme>(pick(stored("theme"), THEMES) ?? "auto");
export const text = computed(() => DICTIONARIES[language.value]);

export function tell(error: unknown): string {
  return errorText(error, language.value);
}

export function setLanguage(chosen: Language): void {
  language.value = chosen;
  store("language", chosen);
}

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  store("theme", chosen);
}

effect(() => {
  document.documentElement.lang = language.value;
});

effect(() => {
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

/** Something that is on or off in this browser, in all its tabs. */
export interface KeptSwitch {
  readonly value: Signal<boolean>;
  set(on: boolean): void;
}

export function keptSwitch(key: string, initial: boolean): KeptSwitch {
  const read = () => (stored(key) ?? String(initial)) === "true";
  const value = signal(read());
  addEventListener("storage", (event) => {
    if (event.key === `imserver.${key}`) value.value = read();
  });
  return {
    value,
    set(on) {
      value.value = on;
      store(key, String(on));
    },
  };
}

// Another tab of this browser has chosen.
addEventListener("storage", ({ key }) => {
  const chosen = pick(stored("language"), Object.keys(LANGUAGES) as Language[]);
  if (key === "imserver.language" && chosen) language.value = chosen;
  if (key === "imserver.theme") theme.value = pick(stored("theme"), THEMES) ?? "auto";
});

function preferred(): Language {
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return "zh-CN";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

function pick<T extends string>(value: string | null, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value);
}

// A browser may refuse storage altogether; then a choice lasts as long as the page.
function stored(key: string): string | null {
  try {
    return localStorage.getItem(`imserver.${key}`);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`imserver.${key}`, value);
  } catch {
    // The choice still holds for this page.
  }
}
