import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { giveFocusBack } from "../state/give_focus_back.ts";
import { closeMenu, menu, type MenuItem, type OpenMenu } from "../state/menu.ts";
import { Icon } from "./icon.tsx";

/** Shows the one menu that is open, above all else. */
export function MenuLayer() {
  const open = menu.value;
  return open && <Menu key={open} open={open} />;
}

const GAP_PX = 4;

function Menu({ open }: { open: OpenMenu }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    element.showPopover();
    place(element, open);
    itemsOf(element)[0]?.focus();
    return () => giveFocusBack(element, open.anchor);
  }, []);
  useEffect(() => {
    addEventListener("resize", closeMenu);
    return () => removeEventListener("resize", closeMenu);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsOf(box.current!);
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const next: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    if (event.key === "Tab") closeMenu();
    if (!(event.key in next)) return;
    event.preventDefault();
    items[next[event.key]]?.focus();
  };
  return (
    <div
      ref={box}
      class="menu"
      role="menu"
      popover="auto"
      aria-label={open.label}
      onKeyDown={onKeyDown}
      onToggle={(event) => event.newState === "closed" && menu.peek() === open && closeMenu()}
    >
      {open.items.map((item) => <Item key={item.label} item={item} />)}
    </div>
  );
}

function Item({ item }: { item: MenuItem }) {
  const { label, icon, danger, disabled, checked, line, run } = item;
  const isChoice = checked !== undefined;
  return (
    <>
      {line && <div class="menu-line" role="separator" />}
      <button
        type="button"
        class={danger ? "menu-item danger" : "menu-item"}
        role={isChoice ? "menuitemcheckbox" : "menuitem"}
        aria-checked={isChoice ? checked : undefined}
        disabled={disabled}
        tabIndex={-1}
        onClick={() => {
          closeMenu();
          run();
        }}
      >
        {icon && <Icon name={icon} />}
        {label}
        {checked && <span class="check" aria-hidden="true">✓</span>}
      </button>
    </>
  );
}

function itemsOf(box: HTMLElement): HTMLButtonElement[] {
  return [...box.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
}

/** At the point, or below what it belongs to; above where there is no room below, and never beyond the edge. */
function place(box: HTMLElement, { anchor, point }: OpenMenu): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = point?.x ?? (at.left + width > innerWidth ? at.right - width : at.left);
  const below = point?.y ?? at.bottom + GAP_PX;
  const top = below + height > innerHeight ? (point?.y ?? at.top - GAP_PX) - height : below;
  box.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  box.style.top = `${Math.max(GAP_PX, top)}px`;
}
