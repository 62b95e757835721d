import { language, setLanguage, setTheme, text, type Theme, theme, THEMES } from "../state/settings.ts";
import { type Language, LANGUAGES } from "../text/languages.ts";

interface ChoiceProps<T extends string> {
  label: string;
  name: string;
  options: [value: T, label: string, lang?: string][];
  value: T;
  onChoose: (value: T) => void;
}

/** A few options side by side: radio buttons, so that arrows and screen readers work as ever. */
function Choice<T extends string>({ label, name, options, value, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="choice-options">
        {options.map(([option, label, lang]) => (
          <label key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChoose(option)} />
            <span lang={lang}>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function LanguageChoice() {
  const options = (Object.keys(LANGUAGES) as Language[])
    .map((tag): [Language, string, string] => [tag, LANGUAGES[tag], tag]);
  const { language: label } = text.value;
  return (
    <Choice label={label} name="language" options={options} value={language.value} onChoose={setLanguage} />
  );
}

export function ThemeChoice() {
  const { theme: label, themeAuto, themeLight, themeDark } = text.value;
  const labels = { auto: themeAuto, light: themeLight, dark: themeDark };
  const options = THEMES.map((option): [Theme, string] => [option, labels[option]]);
  return <Choice label={label} name="theme" options={options} value={theme.value} onChoose={setTheme} />;
}
