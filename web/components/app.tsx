import { useEffect } from "preact/hooks";
import { unreadTotal } from "../state/conversations.ts";
import { resetToken, setupToken } from "../state/route.ts";
import { phase, start } from "../state/session.ts";
import { text } from "../state/settings.ts";
import { GuestScreen } from "./guest_screen.tsx";
import { MainScreen } from "./main_screen.tsx";
import { Loading, Notice } from "./notice.tsx";
import { lazy } from "./lazy.tsx";
import { UpdateBar } from "./update_bar.tsx";

const SetupScreen = lazy(() => import("./setup_screen.tsx").then((module) => module.SetupScreen));
const ResetScreen = lazy(() => import("./reset_screen.tsx").then((module) => module.ResetScreen));

export function App() {
  useEffect(() => void start(), []);
  const unread = unreadTotal.value;
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) IMServer` : "IMServer";
  }, [unread]);
  return (
    <>
      <Screen />
      <UpdateBar />
    </>
  );
}

function Screen() {
  if (setupToken.value !== null) return <SetupScreen token={setupToken.value} />;
  if (resetToken.value !== null) return <ResetScreen token={resetToken.value} />;
  switch (phase.value) {
    case "member":
      return <MainScreen />;
    case "guest":
      return <GuestScreen />;
    case "away":
      return (
        <main class="stage">
          <div role="alert">
            <Notice icon="warning" title={text.value.serverAway} hint={text.value.serverAwayHint}>
              <button type="button" class="button" onClick={() => start()}>{text.value.retry}</button>
            </Notice>
          </div>
        </main>
      );
    default:
      return (
        <main class="stage">
          <Loading />
        </main>
      );
  }
}
