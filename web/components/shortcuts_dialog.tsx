import { text } from "../state/settings.ts";
import {
  keyNames,
  keysOf,
  type Shortcut,
  SHORTCUT_GROUPS,
  shortcuts,
  showsShortcuts,
} from "../state/shortcuts.ts";
import { Dialog } from "./dialog.tsx";

/** Every key that does something where one is now. */
export function ShortcutsDialog() {
  const { shortcutsTitle, shortcutGroups } = text.value;
  return (
    <Dialog title={shortcutsTitle} onClose={() => showsShortcuts.value = false}>
      <div class="keys">
        {SHORTCUT_GROUPS.map((group) => {
          const those = shortcuts.value.filter((one) => (one.group ?? "general") === group);
          return those.length > 0 && (
            <section key={group}>
              <h3>{shortcutGroups[group]}</h3>
              <dl>{those.map((one) => <Line key={keysOf(one)[0]} shortcut={one} />)}</dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}

function Line({ shortcut }: { shortcut: Shortcut }) {
  return (
    <div>
      <dt>{shortcut.label()}</dt>
      <dd>{keyNames(keysOf(shortcut)[0]).map((name) => <kbd key={name}>{name}</kbd>)}</dd>
    </div>
  );
}
