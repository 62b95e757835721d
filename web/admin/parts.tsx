import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Failure, Loading, Notice } from "../components/notice.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { tell, text } from "../state/settings.ts";
import type { Pages } from "./use_pages.ts";
import { words } from "./words.ts";

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, label: string])[];
  onChoose: (value: T) => void;
}

export function Select<T extends string>({ label, value, options, onChoose }: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
        {options.map(([option, name]) => <option key={option} value={option}>{name}</option>)}
      </select>
    </div>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onText: (value: string) => void;
}

export function SearchField({ label, value, onText }: SearchProps) {
  const id = useId();
  return (
    <div class="field grow">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={value}
        maxLength={64}
        spellcheck={false}
        autoCapitalize="none"
        onInput={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onText("")}
      />
    </div>
  );
}

interface PagedProps<T> {
  pages: Pages<T>;
  /** What to say where there is nothing. */
  empty: string;
  icon: IconName;
  children: (items: readonly T[]) => ComponentChildren;
}

/** What has come of a list, or why nothing has; and the way to more of it. */
export function Paged<T>({ pages, empty, icon, children }: PagedProps<T>) {
  const { items, state, error, hasMore, more, reload } = pages;
  if (items.length === 0) {
    if (state === "loading") return <Loading />;
    if (state === "failed") return <Failure message={tell(error)} onRetry={reload} />;
    return <Notice icon={icon} title={empty} />;
  }
  return (
    <>
      {children(items)}
      {state === "failed" && <p class="error" role="alert">{tell(error)}</p>}
      {(hasMore || state === "failed") && (
        <button type="button" class="button wide" disabled={state === "loading"} onClick={more}>
          {state === "failed" ? text.value.retry : text.value.loadMore}
        </button>
      )}
    </>
  );
}

interface TitleProps {
  children: ComponentChildren;
}

/** The name of what was opened; reading goes on here. */
export function CardTitle({ children }: TitleProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  return <h3 ref={title} tabIndex={-1}>{children}</h3>;
}

export function BackLink({ href, label }: { href: string; label: string }) {
  return (
    <a class="back-link" href={href}>
      <Icon name="back" />
      {label}
    </a>
  );
}

/** Something that is known of what is shown, by its name; inside `<dl class="facts">`. */
export function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export const Word = ({ children, danger }: { children: ComponentChildren; danger?: boolean }) => (
  <span class={danger ? "badge word danger" : "badge word"}>{children}</span>
);

/** A name that somebody gave themselves must not turn the words around it. */
export const nameOrSomeone = (name: string | undefined) => name || words.value.someone;
