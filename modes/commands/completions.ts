import { type Setting, SETTINGS } from "../settings.ts";
import { UsageError } from "../config.ts";
import type { Command } from "./command.ts";
import { COMMAND_NAMES, type CommandFlag, type CommandName, entryOf } from "./table.ts";

/** What a shell may offer, made of the tables of settings and commands. */

const ACTIONS: CommandFlag[] = [
  { flag: "help", help: "the help" },
  { flag: "version", help: "the version" },
  { flag: "print-config", help: "the settings and where each comes from" },
  { flag: "check-config", help: "check the settings and exit" },
];

const SHELLS: Record<string, () => string> = { bash, zsh, fish };

export const completions: Command = ({ args: [shell], terminal }) => {
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new UsageError(`imserver completions takes bash, zsh or fish, not "${shell}"`);
  }
  terminal.print(SHELLS[shell]());
  return Promise.resolve(0);
};

const settings = (): CommandFlag[] => Object.values(SETTINGS).map((one: Setting<unknown>) => one);

/** The flags of a command, or of the server; a mistyped one is an error, so others' are not offered. */
function flagsOf(name: CommandName | null): CommandFlag[] {
  return [...name ? entryOf(name).flags ?? [] : [], ...settings(), ...name ? [ACTIONS[0]] : ACTIONS];
}

/** The words that may follow others: `keys` is followed by `new` and `rotate`. */
function nextWords(): Map<string, string[]> {
  const next = new Map<string, string[]>([["", []]]);
  for (const name of COMMAND_NAMES) {
    const [first, second] = name.split(" ");
    const firsts = next.get("")!;
    if (!firsts.includes(first)) firsts.push(first);
    if (second) next.set(first, [...next.get(first) ?? [], second]);
  }
  next.set("completions", Object.keys(SHELLS));
  return next;
}

/** `gateway|dbproxy|both` is a choice; FILE and FOLDER are paths; of others nothing is known. */
function choicesOf(shape: string | undefined): string[] {
  return shape && /^[a-z]+(\|[a-z]+)+$/.test(shape) ? shape.split("|") : [];
}

const isPath = (shape: string | undefined) => shape !== undefined && /^(FILE|FOLDER)/.test(shape);

function allFlags(): CommandFlag[] {
  const all = [...settings(), ...COMMAND_NAMES.flatMap((name) => entryOf(name).flags ?? []), ...ACTIONS];
  return [...new Map(all.map((one) => [one.flag, one])).values()];
}

function bash(): string {
  const words = [...nextWords()].map(([before, next]) => `    "${before}") words="${next.join(" ")}" ;;`);
  const own = COMMAND_NAMES.filter((name) => entryOf(name).flags?.length)
    .map((name) =>
      `    "${name}") own="${entryOf(name).flags!.map(({ flag }) => `--${flag}`).join(" ")}" ;;`
    );
  const withValue = allFlags().filter(({ shape }) => shape);
  const values = withValue.filter(({ shape }) => choicesOf(shape).length > 0)
    .map(({ flag, shape }) =>
      `    --${flag}) COMPREPLY=($(compgen -W "${choicesOf(shape).join(" ")}" -- "$cur")); return ;;`
    );
  const paths = withValue.filter(({ shape }) => isPath(shape)).map(({ flag }) => `--${flag}`).join("|");
  const others = withValue.filter(({ shape }) => !isPath(shape) && choicesOf(shape).length === 0)
    .map(({ flag }) => `--${flag}`).join("|");
  return `# source <(imserver completions bash)
_imserver() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" before="" words="" own="" i
  case "$prev" in
${values.join("\n")}
    ${paths}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${others}) return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${withValue.map(({ flag }) => `--${flag}`).join("|")}) ((i++)) ;;
      -*) ;;
      *) before="\${before:+$before }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$before" in
${words.join("\n")}
    *) ;;
  esac
  case "$before" in
${own.join("\n")}
    "") own="${ACTIONS.map(({ flag }) => `--${flag}`).join(" ")}" ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$own --help ${settings().map(({ flag }) => `--${flag}`).join(" ")}" -- "$cur"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _imserver imserver
`;
}

/** In single quotes, with what _arguments reads itself made harmless. */
const zshText = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, "\\$&");

function zshFlag({ flag, shape, help }: CommandFlag): string {
  if (!shape) return `'--${flag}[${zshText(help)}]'`;
  const choices = choicesOf(shape);
  const action = choices.length > 0 ? `(${choices.join(" ")})` : isPath(shape) ? "_files" : "";
  return `'--${flag}=[${zshText(help)}]:${zshText(shape)}:${action}'`;
}

function zsh(): string {
  const next = nextWords();
  const describe = (words: string[], prefix: string) =>
    words.map((word) => {
      const name = `${prefix}${word}`;
      const summary = Object.hasOwn(SUMMARIES, name) ? SUMMARIES[name] : `${word} …`;
      return `'${word}:${zshText(summary)}'`;
    }).join(" ");
  const seconds = [...next].filter(([before]) => before !== "")
    .map(([before, words]) =>
      `    ${before}) local -a w=(${describe(words, `${before} `)}); _describe command w ;;`
    );
  return `#compdef imserver
# imserver completions zsh > "\${fpath[1]}/_imserver"
_imserver() {
  _arguments -s \\
    ${allFlags().map(zshFlag).join(" \\\n    ")} \\
    '1:command:->first' '2::more:->second' '*::file:_files'
  case $state in
    first) local -a w=(${describe(next.get("")!, "")}); _describe command w ;;
    second) case $line[1] in
${seconds.join("\n")}
    *) _files ;;
    esac ;;
  esac
}
compdef _imserver imserver
`;
}

const SUMMARIES: Record<string, string> = Object.fromEntries(
  COMMAND_NAMES.map((name) => [name, entryOf(name).summary]),
);

function fish(): string {
  const quote = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
  const flag = ({ flag, shape, help }: CommandFlag, when: string) => {
    const choices = choicesOf(shape);
    const value = !shape
      ? ""
      : choices.length > 0
      ? ` -x -a ${quote(choices.join(" "))}`
      : isPath(shape)
      ? " -r -F"
      : " -x";
    return `complete -c imserver${when} -l ${flag}${value} -d ${quote(help)}`;
  };
  const next = nextWords();
  const firsts = next.get("")!.map((word) =>
    `complete -c imserver -f -n __fish_use_subcommand -a ${word} -d ${quote(SUMMARIES[word] ?? `${word} …`)}`
  );
  const seconds = [...next].filter(([before]) => before !== "").flatMap(([before, words]) =>
    words.map((word) => {
      const when = `-n ${
        quote(`__fish_seen_subcommand_from ${before}; and not __fish_seen_subcommand_from ${words.join(" ")}`)
      }`;
      return `complete -c imserver -f ${when} -a ${word} -d ${quote(SUMMARIES[`${before} ${word}`] ?? word)}`;
    })
  );
  const own = COMMAND_NAMES.flatMap((name) =>
    flagsOf(name).slice(0, entryOf(name).flags?.length ?? 0).map((one) =>
      flag(
        one,
        ` -n ${quote(name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`).join("; and "))}`,
      )
    )
  );
  const common = [...settings(), ...ACTIONS].map((one) => flag(one, ""));
  return [
    "# imserver completions fish > ~/.config/fish/completions/imserver.fish",
    ...firsts,
    ...seconds,
    ...own,
    ...common,
  ]
    .join("\n") + "\n";
}
