import { isAdmin } from "../state/admin_role.ts";
import { unreadTotal } from "../state/conversations.ts";
import { invitations } from "../state/relations.ts";
import { type Page, pageHref, PAGES, route } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { Badge } from "./badge.tsx";
import { Icon, type IconName } from "./icon.tsx";

const ICONS: Record<Page, IconName> = {
  chats: "chat",
  contacts: "contacts",
  admin: "shield",
  settings: "settings",
};

/** The way to the places of the client: at the side, on a phone at the bottom. */
export function Rail() {
  const { places, placesLabel, contacts } = text.value;
  return (
    <nav class="rail" aria-label={placesLabel}>
      <ul>
        {PAGES.filter((page) => page !== "admin" || isAdmin.value).map((page) => (
          <li key={page} class={page === "settings" ? "rail-last" : undefined}>
            <a
              class="rail-link"
              href={pageHref(page)}
              aria-current={route.value.page === page ? "page" : undefined}
            >
              <Icon name={ICONS[page]} />
              <span>{places[page]}</span>
              {page === "chats" && <Badge count={unreadTotal.value} />}
              {page === "contacts" && <Badge count={invitations.value.length} words={contacts.waiting} />}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
