import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../components/icon.tsx";
import { Notice } from "../components/notice.tsx";
import { PaneHead } from "../components/pane_head.tsx";
import { isAdmin } from "../state/admin_role.ts";
import { pageHref, route } from "../state/route.ts";
import { Audit } from "./audit.tsx";
import { Broadcasts } from "./broadcasts.tsx";
import { GroupCard } from "./group_card.tsx";
import { Groups } from "./groups.tsx";
import { Overview } from "./overview.tsx";
import { UserCard } from "./user_card.tsx";
import { Users } from "./users.tsx";
import { words } from "./words.ts";
import type { AdminText } from "./words_en.ts";

interface Section {
  /** Its part of the address. */
  name: string;
  icon: IconName;
  title: (words: AdminText) => string;
  content: (item: string | null) => ComponentChildren;
}

const SECTIONS: readonly Section[] = [
  { name: "overview", icon: "chart", title: (w) => w.overview, content: () => <Overview /> },
  {
    name: "users",
    icon: "person",
    title: (w) => w.users,
    content: (id) => id === null ? <Users /> : <UserCard key={id} userId={id} />,
  },
  {
    name: "groups",
    icon: "group",
    title: (w) => w.groups,
    content: (id) => id === null ? <Groups /> : <GroupCard key={id} groupId={id} />,
  },
  { name: "broadcasts", icon: "bell", title: (w) => w.broadcasts, content: () => <Broadcasts /> },
  { name: "audit", icon: "clock", title: (w) => w.audit, content: () => <Audit /> },
];

/** What admins of the server see and do. The server checks each call; this page only follows. */
export function AdminPage() {
  const w = words.value;
  const section = SECTIONS.find(({ name }) => name === route.value.section);
  if (!isAdmin.value) {
    return (
      <main class="pane whole" id="pane" tabIndex={-1}>
        <Notice icon="shield" title={w.notAdmin} hint={w.notAdminHint}>
          <a class="button" href={pageHref("chats")}>{w.toChats}</a>
        </Notice>
      </main>
    );
  }
  return (
    <>
      <nav class="sidebar" aria-label={w.title}>
        <header class="sidebar-head">
          <h1>{w.title}</h1>
        </header>
        <div class="scroll">
          <ul class="rows">
            {SECTIONS.map(({ name, icon, title }) => (
              <li key={name}>
                <a
                  class="side-link"
                  href={pageHref("admin", name)}
                  aria-current={section?.name === name ? "page" : undefined}
                >
                  <Icon name={icon} />
                  {title(w)}
                </a>
              </li>
            ))}
          </ul>
        </div>
      </nav>
      <main class="pane" id="pane" tabIndex={-1}>
        {section
          ? (
            <>
              <PaneHead title={section.title(w)} />
              <div class="page admin-page" tabIndex={0} role="region" aria-label={section.title(w)}>
                {section.content(route.value.item)}
              </div>
            </>
          )
          : <Notice icon="shield" title={w.choose} />}
      </main>
    </>
  );
}
