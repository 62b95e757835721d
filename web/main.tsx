import { render } from "preact";
import { App } from "./components/app.tsx";
import { keepShell } from "./state/shell.ts";

render(<App />, document.getElementById("app")!);
void keepShell();
