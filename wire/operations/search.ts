import * as z from "zod";
import { Id, Message, Time } from "../schemas.ts";
import { Cursor, limit, type Operation } from "./operation.ts";

/** The types a content may have (wire/content.ts), and that of several forwarded as one. */
const ContentType = z.enum([
  "text",
  "image",
  "file",
  "voice",
  "video",
  "location",
  "card",
  "custom",
  "merged",
]);

/** Where a content has what was looked for. Offsets and not markup: whoever shows it decides how, and nothing needs to be escaped. */
export const Highlight = z.object({
  field: z.string().meta({
    description: "A part of the content: `text`, `file.name`, `items.0.content.text`",
  }),
  start: z.int().nonnegative().meta({ description: "In UTF-16 code units" }),
  length: z.int().positive(),
});
z.globalRegistry.add(Highlight, { id: "Highlight" });

export const search = {
  "message.search": {
    // In a body, because what people look for is nothing for a proxy's access log.
    method: "POST",
    idempotent: "same",
    path: "/messages/search",
    access: "user",
    // It reads, though it is a POST.
    bots: "messages:read",
    summary:
      "Messages that hold all words of a query, the newest first, of the part of their conversations that the caller " +
      "may see and as they are now. A page may be short or even empty: there is more while `nextCursor` is not null. " +
      "`complete` is false while the server is still reading older messages into its index",
    input: z.strictObject({
      query: z.string().min(1).max(200).refine(
        (text) => text.isWellFormed() && !text.includes("\0"),
        "must be well-formed Unicode without U+0000",
      ).meta({
        description:
          'Up to 10 words, each found by its beginning; "several words" in quotes must stand together',
      }),
      conversationId: Id.optional(),
      senderId: Id.optional(),
      types: z.array(ContentType).min(1).max(9).optional().meta({ description: "Any of them" }),
      from: Time.optional().meta({ description: "Sent at this time or later" }),
      to: Time.optional().meta({ description: "Sent before this time" }),
      cursor: Cursor,
      limit: limit(50, 20),
    }),
    output: z.object({
      hits: z.array(z.object({ conversationId: Id, message: Message, highlights: z.array(Highlight) })),
      nextCursor: z.string().nullable(),
      complete: z.boolean(),
    }),
  },
} as const satisfies Record<string, Operation>;
