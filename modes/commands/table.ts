/**
 * What imserver does besides serving. Help, completions, docs/commands.md and the check of flags are made of this
 * table. It imports nothing: modes/config.ts reads it before anything else is known.
 */
export interface CommandEntry {
  /** One line for the list. */
  summary: string;
  /** What stands behind the command's words: `NAME`, `[FOLDER]`. */
  args?: string;
  /** From how many to how many words that may be. */
  argCount?: readonly [least: number, most: number];
  /** Paragraphs for its own help. */
  about: string;
  flags?: readonly CommandFlag[];
}

export interface CommandFlag {
  flag: string;
  /** What stands for its value; absent: it has none. */
  shape?: string;
  help: string;
  fallback?: string;
}

const JSON_FLAG: CommandFlag = { flag: "json", help: "print JSON, for programs" };

const REPLACE_FLAG: CommandFlag = { flag: "replace", help: "delete what is there first" };

export const COMMANDS = {
  "doctor": {
    summary: "look for what is wrong, here and with all that this server needs, and say the remedy",
    about:
      "Give it the settings of the server: the same flags, environment and --config file. It looks at the " +
      "settings, ports, files, certificates, clocks, the database and its rights and settings, Redis, the dbproxies " +
      "and the store of files, as far as the mode has them. It changes nothing. Beside a running server it may be " +
      "run at any time. Exit code 0: no fault (there may be warnings), 1: at least one fault.",
    flags: [JSON_FLAG],
  },
  "backup": {
    summary: "copy the database, the files and the keys into a folder, while the server runs",
    args: "FOLDER",
    argCount: [1, 1],
    about:
      "FOLDER must be new or empty, and is for its owner only: the signing keys are in it. The copy is of one " +
      "moment, whatever is written meanwhile; each file is compared with what was uploaded. A MySQL database is " +
      "copied too, row by row into a SQLite file; for a large one its own tools are faster (docs/operations.md). " +
      "A backup is whole when it has a manifest.json. Exit code 1: files are lost or damaged at the server.",
    flags: [JSON_FLAG],
  },
  "restore": {
    summary: "put a backup back, into a new data folder or an empty MySQL database",
    args: "FOLDER",
    argCount: [1, 1],
    about:
      "Checks the backup first. Where there is a database already, or something in it, it refuses without " +
      "--replace. Clients forget what they held and read anew. No server may run meanwhile. A backup of SQLite may " +
      "be restored into MySQL, files into S3, and the other way round.",
    flags: [REPLACE_FLAG],
  },
  "move": {
    summary: "copy everything from SQLite to MySQL, or back, and compare both",
    about:
      "With all servers stopped: imserver move --from sqlite --to mysql --data-dir … --database mysql://…. It " +
      "copies table by table, then reads the copy and compares counts and checksums of every table. The old database " +
      "stays as it is. Clients notice nothing. Exit code 1: something differs. What was cut off is begun anew with " +
      "--replace.",
    flags: [
      {
        flag: "from",
        shape: "URL",
        help: "sqlite, mysql (where the settings say), sqlite:PATH or mysql://…",
      },
      { flag: "to", shape: "URL", help: "the same" },
      REPLACE_FLAG,
      JSON_FLAG,
    ],
  },
  "migrate status": {
    summary: "show which steps of the schema were made and which are to be made",
    about: "Changes nothing. Exit code 1: steps are pending, or a newer program has been there.",
    flags: [JSON_FLAG],
  },
  "migrate up": {
    summary: "bring the schema up to this program's version, as its start would",
    about: "Make a backup before. Steps only go forward: there is no way back but the backup.",
  },
  "keys new": {
    summary: "print new signing keys, to share among the gateways of a cluster",
    about: "Prints a new key file on standard output: (umask 077; imserver keys new > keys.json).",
  },
  "keys rotate": {
    summary: "put a new signing key into the key file; running servers take it up, nobody is logged out",
    about:
      "Changes --key-file. In a cluster, rotate one file and give it to every gateway within five minutes.",
  },
  "admin-link": {
    summary: "print a new one-time link that makes an admin",
    about: "Works beside the running server, on its database. Earlier links are void.",
  },
  "epoch raise": {
    summary: "after a backup was restored by hand: makes every client forget what it held, and read anew",
    about: "`imserver restore` does so by itself.",
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

export function entryOf(name: CommandName): CommandEntry {
  return COMMANDS[name];
}

/** The command that words begin with, and what is left of them; null: none does. */
export function findCommand(words: readonly string[]): { name: CommandName; args: string[] } | null {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    if (words.length >= length && Object.hasOwn(COMMANDS, name)) {
      return { name: name as CommandName, args: words.slice(length) };
    }
  }
  return null;
}

/** All flags of commands; those of one name are alike in whether they take a value (tested). */
export function allCommandFlags(): CommandFlag[] {
  return COMMAND_NAMES.flatMap((name) => [...entryOf(name).flags ?? []]);
}
