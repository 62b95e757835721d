import { text } from "../state/settings.ts";
import { hasUpdate, reloadPage } from "../state/shell.ts";

/** Offers the newer page that the server has. */
export function UpdateBar() {
  if (!hasUpdate.value) return null;
  const { newVersion, reload } = text.value;
  return (
    <p class="update-bar" role="status" data-testid="update-bar">
      {newVersion}
      <button type="button" class="button small" onClick={() => reloadPage()}>{reload}</button>
    </p>
  );
}
