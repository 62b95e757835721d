import { render } from "preact";
import { App } from "./components/app.tsx";
import { watchLongPress } from "./state/long_press.ts";
import { keepShell } from "./state/shell.ts";

render(<App />, document.getElementById("app")!);
watchLongPress(document);
void keepShell();
