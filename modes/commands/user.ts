import { inlinePasswords } from "../../auth/passwords.ts";
import { newOneTimeToken } from "../../auth/refresh.ts";
import { parseUsername } from "../../auth/usernames.ts";
import { RESET_TTL_MS } from "../../chat/admin.ts";
import { createOperator, type FoundAccount, type Operator } from "../../data/local/operator.ts";
import { foldName } from "../../kit/fold.ts";
import { createIds } from "../../kit/ids.ts";
import { ImError } from "../../wire/errors.ts";
import { Password } from "../../wire/schemas.ts";
import { type Config, UsageError } from "../config.ts";
import { baseUrl } from "../places.ts";
import type { Command, Terminal } from "./command.ts";
import { requireDatabase } from "./on_data.ts";
import { withMigrated } from "./places.ts";

export const userCreate: Command = async ({ settings: { config }, args: [name], flags, terminal }) => {
  const { username, key: usernameKey } = asUsage(() => parseUsername(name, { allowReserved: true }));
  const displayName = typeof flags["display-name"] === "string" ? flags["display-name"] : username;
  const passwordHash = await readPassword(terminal);
  const names = { username, usernameKey, displayName, displayKey: foldName(displayName) };
  const user = await onOperator(
    config,
    (operator) => operator.create({ ...names, passwordHash, isAdmin: flags.admin === true }),
  );
  terminal.print(`${user.username} has an account${flags.admin ? " and is an admin" : ""} (id ${user.id})\n`);
  return 0;
};

export const userReset: Command = async ({ settings: { config }, args: [name], flags, terminal }) => {
  const { token, hash } = newOneTimeToken();
  const passwordHash = flags.link ? "" : await readPassword(terminal);
  return await onOperator(config, async (operator) => {
    const { id, username, ownerId } = await find(operator, name);
    if (ownerId > 0) {
      throw new UsageError(`${username} is a bot and has no password; imserver token bot makes a token`);
    }
    if (flags["second-factor"]) {
      const was = await operator.removeFactor(id);
      terminal.tell(`${username} has no second factor ${was ? "any more" : "(and had none)"}\n`);
    }
    if (flags.link) {
      await operator.offerReset(id, hash, Date.now() + RESET_TTL_MS);
      terminal.print(`${baseUrl(config, config.port)}/reset#${token}\n`);
    } else {
      const ended = await operator.setPassword(id, passwordHash);
      terminal.print(`${username} has the new password; ${sessions(ended)} ended\n`);
    }
    return 0;
  });
};

export const userDisable: Command = async ({ settings: { config }, args: [name], terminal }) =>
  await onOperator(config, async (operator) => {
    const { id, username } = await find(operator, name);
    const ended = await operator.setDisabled(id, true);
    terminal.print(`${username} is disabled; ${sessions(ended)} ended\n`);
    return 0;
  });

export const userEnable: Command = async ({ settings: { config }, args: [name], terminal }) =>
  await onOperator(config, async (operator) => {
    const { id, username } = await find(operator, name);
    await operator.setDisabled(id, false);
    terminal.print(`${username} may log in\n`);
    return 0;
  });

export const userShow: Command = async ({ settings: { config }, args: [name], flags, terminal }) =>
  await onOperator(config, async (operator) => {
    const { id, username, role, isDisabled, ownerId } = await find(operator, name);
    const shown = {
      id: String(id),
      username,
      role: role === 1 ? "admin" : "user",
      isDisabled,
      isBot: ownerId > 0,
    };
    const lines = Object.entries(shown).map(([key, value]) => `${key.padEnd(10)} ${value}`);
    terminal.print(flags.json ? JSON.stringify(shown, null, 2) + "\n" : lines.join("\n") + "\n");
    return 0;
  });

export const userRole: Command = async ({ settings: { config }, args: [name, role], terminal }) => {
  if (role !== "admin" && role !== "user") {
    throw new UsageError("imserver user role NAME takes admin or user");
  }
  return await onOperator(config, async (operator) => {
    const { id, username, ownerId } = await find(operator, name);
    if (ownerId > 0) throw new UsageError(`${username} is a bot; a bot is no admin`);
    await operator.setAdmin(id, role === "admin");
    terminal.print(`${username} is ${role === "admin" ? "an admin" : "a user as others"}\n`);
    return 0;
  });
};

const sessions = (count: number) => count === 1 ? "one session" : `${count} sessions`;

async function onOperator<T>(config: Config, work: (operator: Operator) => Promise<T>): Promise<T> {
  await requireDatabase(config);
  return await withMigrated(config.database, async (storage) => {
    try {
      return await work(createOperator(storage, { now: Date.now, nextId: createIds(Date.now) }));
    } catch (error) {
      throw error instanceof ImError
        ? new UsageError(`${error.message.replace(/\.$/, "")}; nothing was changed`)
        : error;
    }
  });
}

async function find(operator: Operator, name: string): Promise<FoundAccount> {
  return await operator.find(foldName(name.trim())).catch((error) => {
    if (error instanceof ImError && error.code === "user_not_found") {
      throw new UsageError(`nobody is called ${name}; give the username, not the name that is shown`);
    }
    throw error;
  });
}

function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ImError ? new UsageError(error.message.replace(/\.$/, "")) : error;
  }
}

/** From standard input, because everybody on the machine may see a command line. Answers its hash. */
async function readPassword(terminal: Terminal): Promise<string> {
  if (terminal.isTyped) terminal.tell("Password (it can be seen here; end with Enter and Ctrl-D): ");
  const typed = Password.safeParse(await terminal.readInput());
  if (!typed.success) {
    const why = typed.error.issues[0].message;
    throw new UsageError(
      `the password is read from standard input, and it is not good (${why}); 8 to 256 characters`,
    );
  }
  return await inlinePasswords().hash(typed.data);
}
