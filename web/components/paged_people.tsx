import type { ComponentChildren } from "preact";
import { tell, text } from "../state/settings.ts";
import { Failure, Loading } from "./notice.tsx";
import type { Pages } from "./use_pages.ts";

interface PagedPeopleProps<T> {
  label: string;
  /** What to say when there is nobody. */
  empty: string;
  pages: Pages<T>;
  /** A row. */
  children: (item: T) => ComponentChildren;
}

/** A list of people that comes in pages, or a word about why it is not there. */
export function PagedPeople<T>({ label, empty, pages, children }: PagedPeopleProps<T>) {
  const { items, state, error, more, reload } = pages;
  if (state === "loading") return <Loading />;
  if (state === "failed" && items.length === 0) return <Failure message={tell(error)} onRetry={reload} />;
  if (items.length === 0) return <p class="section-empty">{empty}</p>;
  return (
    <>
      <ul class="rows" aria-label={label}>{items.map(children)}</ul>
      {state === "failed" && <p class="error" role="alert">{tell(error)}</p>}
      {more && <button type="button" class="button plain" onClick={more}>{text.value.loadMore}</button>}
    </>
  );
}
