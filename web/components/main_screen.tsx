import { useEffect } from "preact/hooks";
import { chat, showChat } from "../state/chat.ts";
import "../state/friend_news.ts";
import { listed } from "../state/conversations.ts";
import { closeDetails, details } from "../state/details.ts";
import { chatId, joinCode, openChat, openPage, type Page, route } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { press, showsShortcuts } from "../state/shortcuts.ts";
import { searchAll, searchHere } from "../state/to_search.ts";
import { showsSwitcher } from "../state/switcher.ts";
import { ChatPane } from "./chat_pane.tsx";
import { ConnectionBanner } from "./connection_banner.tsx";
import { DetailsColumn } from "./details_column.tsx";
import { lazy } from "./lazy.tsx";
import { MenuLayer } from "./menu_layer.tsx";
import { Notice } from "./notice.tsx";
import { Rail } from "./rail.tsx";
import { Sidebar } from "./sidebar.tsx";
import { LiveRegions, ToastLayer } from "./toast_layer.tsx";
import { useShortcut } from "./use_shortcut.ts";

const SettingsPage = lazy(() => import("./settings_page.tsx").then((module) => module.SettingsPage));
const ContactsPage = lazy(() => import("./contacts_page.tsx").then((module) => module.ContactsPage));
const JoinDialog = lazy(() => import("./join_dialog.tsx").then((module) => module.JoinDialog));
const AdminPage = lazy(() => import("../admin/admin_page.tsx").then((module) => module.AdminPage));
const ShortcutsDialog = lazy(() => import("./shortcuts_dialog.tsx").then((module) => module.ShortcutsDialog));
const QuickSwitcher = lazy(() => import("./quick_switcher.tsx").then((module) => module.QuickSwitcher));

/** The rail, and the columns of the place that is open: its list, what was chosen in it, and details of that. */
export function MainScreen() {
  const { page, section } = route.value;
  const id = chatId.value;
  useEffect(() => {
    showChat(id);
    closeDetails();
  }, [id, page]);
  useEffect(() => {
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  useGlobalShortcuts();
  const columns = ["columns", section === null ? "shows-list" : "shows-main", details.value && "has-details"];
  return (
    <div class="layout">
      <div class="skips">
        <a href="#pane" onClick={skip}>{text.value.skipToChat}</a>
      </div>
      <ConnectionBanner />
      <Rail />
      <div class={columns.filter(Boolean).join(" ")}>
        <PageColumns page={page} />
        <DetailsColumn />
      </div>
      <MenuLayer />
      <ToastLayer />
      <LiveRegions />
      {joinCode.value !== null && <JoinDialog key={joinCode.value} code={joinCode.value} />}
      {showsShortcuts.value && <ShortcutsDialog />}
      {showsSwitcher.value && <QuickSwitcher />}
    </div>
  );
}

/** A place's list and what was chosen in it. */
function PageColumns({ page }: { page: Page }) {
  switch (page) {
    case "chats":
      return <ChatColumns />;
    case "contacts":
      return <ContactsPage />;
    case "admin":
      return <AdminPage />;
    case "settings":
      return <SettingsPage />;
  }
}

function ChatColumns() {
  const open = chat.value;
  return (
    <>
      <Sidebar />
      <main class="pane" id="pane" tabIndex={-1}>
        {open
          ? <ChatPane key={open.id} chat={open} />
          : <Notice title={text.value.chooseConversation} hint={text.value.chooseConversationHint} />}
      </main>
    </>
  );
}

function useGlobalShortcuts(): void {
  useShortcut({ keys: "?", label: () => text.value.showShortcuts, run: () => showsShortcuts.value = true });
  useShortcut({ keys: "mod+k", label: () => text.value.switchTo, run: () => showsSwitcher.value = true });
  useShortcut({ keys: "/", label: () => text.value.toSearch, run: searchAll });
  useShortcut({
    keys: "mod+f",
    label: () => text.value.found.inChat,
    group: "chat",
    when: () => chatId.peek() !== null,
    run: searchHere,
  });
  useShortcut({ keys: "alt+,", label: () => text.value.settings, run: () => openPage("settings") });
  useShortcut({ keys: "alt+ArrowDown", label: () => text.value.nextChat, run: () => step(1), group: "list" });
  useShortcut({
    keys: "alt+ArrowUp",
    label: () => text.value.previousChat,
    run: () => step(-1),
    group: "list",
  });
}

function step(by: 1 | -1): void {
  const all = listed.peek();
  const at = all.findIndex(({ id }) => id === chatId.peek());
  const next = at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by];
  if (next) openChat(next.id);
}

/** The address holds where one is, so the jump is made without it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("pane")?.focus();
}
