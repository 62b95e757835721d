import { useEffect, useRef } from "preact/hooks";
import { registerShortcut, type Shortcut } from "../state/shortcuts.ts";

/** A key that acts as long as the component is there, with what it knows at the time. */
export function useShortcut(shortcut: Shortcut, active = true): void {
  const latest = useRef(shortcut);
  latest.current = shortcut;
  useEffect(() => {
    if (!active) return;
    const { keys, group, whileWriting } = latest.current;
    return registerShortcut({
      keys,
      group,
      whileWriting,
      when: () => latest.current.when?.() ?? true,
      label: () => latest.current.label(),
      run: (event) => latest.current.run(event),
    });
  }, [active]);
}
