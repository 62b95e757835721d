import { useEffect, useState } from "preact/hooks";
import { connection, hasNetwork } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { reloadPage } from "../state/shell.ts";
import { AnnouncementBar } from "./announcement.tsx";

/** A reconnect that takes less is not worth a word. */
const PATIENCE_MS = 1200;

/** Says when what is shown may be old. */
export function ConnectionBanner() {
  const { state } = connection.value;
  const [shown, setShown] = useState(false);
  const [before, setBefore] = useState(false);
  const online = state === "online";

  useEffect(() => {
    if (online) {
      setShown(false);
      setBefore(true);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [online]);

  return (
    <div class="banner-place">
      <div role="status">{shown && !online && <Banner wasOnline={before} />}</div>
      <AnnouncementBar />
    </div>
  );
}

function Banner({ wasOnline }: { wasOnline: boolean }) {
  const { connecting, reconnecting, deviceOffline, outOfDate, reload } = text.value;
  if (connection.value.state === "ended") {
    return (
      <p class="banner" data-testid="connection-banner">
        {outOfDate}
        <button type="button" class="button small" onClick={() => reloadPage()}>{reload}</button>
      </p>
    );
  }
  const words = !hasNetwork.value ? deviceOffline : wasOnline ? reconnecting : connecting;
  return <p class="banner" data-testid="connection-banner">{words}</p>;
}
