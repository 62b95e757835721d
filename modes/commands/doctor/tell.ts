import type { Finding } from "./check.ts";

const MARK = { ok: "ok", warning: "WARNING", fault: "FAULT" };
const WIDTH = 100;

/** For people: a line or more each, remedies beneath, and a sum. */
export function tell(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const rows = findings.map(({ check, state, found, remedy }, index) => {
    const name = findings[index - 1]?.check === check ? "" : check;
    const indent = " ".repeat(9 + width + 2);
    const lines = wrap(found).concat(remedy ? wrap(`-> ${remedy}`) : []);
    return `${MARK[state].padEnd(9)}${name.padEnd(width)}  ${lines.join(`\n${indent}`)}`;
  });
  const count = (state: Finding["state"]) => findings.filter((one) => one.state === state).length;
  const [faults, warnings] = [count("fault"), count("warning")];
  const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const sum = faults + warnings === 0
    ? "All is well."
    : `${plural(faults, "fault")}, ${plural(warnings, "warning")}.`;
  return `${rows.join("\n")}\n\n${sum}\n`;
}

function wrap(text: string): string[] {
  return text.match(new RegExp(`.{1,${WIDTH}}(?= |$)|\\S+`, "g"))?.map((line) => line.trim()) ?? [text];
}
