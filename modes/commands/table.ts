/**
 * What imserver does besides serving. Help, completions and the check of flags are made of this
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
  "user create": {
    summary: "make an account, or an admin's",
    args: "NAME",
    argCount: [1, 1],
    about:
      "The password is read from standard input. Works beside a running server, whatever --registration says, " +
      "and may take a reserved name. It stands in the audit log, as all that this command changes.",
    flags: [
      { flag: "admin", help: "an admin of the server" },
      { flag: "display-name", shape: "TEXT", help: "what others see; without it the username" },
    ],
  },
  "user show": {
    summary: "say of an account what it is",
    args: "NAME",
    argCount: [1, 1],
    about: "Its id, its role, and whether it is disabled or a bot.",
    flags: [JSON_FLAG],
  },
  "user reset": {
    summary: "give an account another password and end its sessions",
    args: "NAME",
    argCount: [1, 1],
    about:
      "The password is read from standard input; or, with --link, a link is printed where the person sets one " +
      "within 24 hours. Running servers end the sessions within seconds.",
    flags: [
      { flag: "link", help: "print a link for the person instead of reading a password" },
      { flag: "second-factor", help: "switch off their second factor, too, which they have lost" },
    ],
  },
  "user disable": {
    summary: "end an account's sessions and let it in no more",
    args: "NAME",
    argCount: [1, 1],
    about: "Its bots are disabled with it. Running servers end the sessions within seconds. Messages stay.",
  },
  "user enable": {
    summary: "let a disabled account in again",
    args: "NAME",
    argCount: [1, 1],
    about: "What `imserver user disable`, or an admin, did.",
  },
  "user role": {
    summary: "make somebody an admin, or no longer one",
    args: "NAME admin|user",
    argCount: [2, 2],
    about:
      "Access tokens that were given out keep saying the former role for up to 15 minutes; what admins do asks the " +
      "database.",
  },
  "token new": {
    summary: "print an access token of a person, for a script; good for 15 minutes",
    args: "NAME",
    argCount: [1, 1],
    about:
      "As good as a login: with an admin's, a script may call admin.* operations. Needs the key file and the " +
      "database. The person sees the session in their list, as `command line`, until it ends.",
  },
  "token bot": {
    summary: "make a bot of somebody's, if it is not there, and print a token that does not expire",
    args: "OWNER BOT",
    argCount: [2, 2],
    about: "Its owner may revoke it at any time.",
    flags: [
      {
        flag: "scopes",
        shape: "SCOPE,…",
        help: "what it may do: messages:read, messages:write, groups:manage, contacts",
        fallback: "messages:read,messages:write",
      },
      {
        flag: "name",
        shape: "TEXT",
        help: "what the token is called in the owner's list",
        fallback: "command line",
      },
    ],
  },
  "token inspect": {
    summary: "say what a token holds, and why it is good or not",
    about:
      "The token is read from standard input: an access token, a bot's or a refresh token. Needs the key file and " +
      "the database. Exit code 1: it is not good.",
    flags: [JSON_FLAG],
  },
  "bench": {
    summary: "load a running server, show how it goes, and look whether every message came once and in order",
    about:
      "Half of the users write to the other half, at --rate messages a second together, whether or not answers " +
      "come; times count from when a message was due. The users are made for this run and deleted after it, unless " +
      "--tokens names a file of access tokens. One user may send 50 messages a second (docs/operations.md, Rate " +
      "limits). A connection that is cut is made anew, so a server may be restarted meanwhile. Exit code 1: messages " +
      "were lost, doubled or out of order, or nothing was acknowledged. Do not run it on a server that people use, " +
      "unless you know what it can bear.",
    flags: [
      { flag: "url", shape: "URL", help: "the server (default: this machine's, by --port or --public-url)" },
      { flag: "users", shape: "COUNT", help: "so many, in pairs", fallback: "20" },
      { flag: "rate", shape: "COUNT", help: "messages a second, of all together", fallback: "100" },
      { flag: "seconds", shape: "COUNT", help: "how long, at most 600", fallback: "10" },
      { flag: "tokens", shape: "FILE", help: "access tokens of people to use, one a line" },
      JSON_FLAG,
    ],
  },
  "completions": {
    summary: "print what makes a shell complete commands and flags",
    args: "bash|zsh|fish",
    argCount: [1, 1],
    about:
      'bash: source <(imserver completions bash). zsh: imserver completions zsh > "${fpath[1]}/_imserver". fish: ' +
      "imserver completions fish > ~/.config/fish/completions/imserver.fish",
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
