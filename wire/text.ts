/** What of a text people see. */

/**
 * Something to look at: no space, no control, no character that Unicode has ignored where it is shown (zero width
 * space and joiners, variation selectors, fillers, tags; DerivedCoreProperties, Default_Ignorable_Code_Point), nor the
 * few others that are drawn as nothing.
 */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{DI}\u2800\uFFF9-\uFFFB]/u;
/** Whatever turns the direction of what comes after it, so that a name reads as another (UAX #9, Bidi_Control). */
const TURNING = /\p{Bidi_C}/u;
/** Controls, and what begins another line. */
const UNLINED = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Joiners within words and emoji are as good as any: they stand beside something that is seen. */
export const isVisible = (text: string) => VISIBLE.test(text);
export const BLANK = "must have something that is seen";

/** The text holds neither controls nor a second line. */
export const isOneLine = (text: string) => !UNLINED.test(text);
export const UNLINED_TEXT = "must not hold control characters";

/** The text is read in the order it is written in. */
export const isStraight = (text: string) => !TURNING.test(text);
export const TURNED = "must not hold characters that turn the direction of writing";

/** Well-formed, and without U+0000, which would end it in a database. */
export const isClean = (text: string) => text.isWellFormed() && !text.includes("\0");
export const UNCLEAN = "must be well-formed Unicode without U+0000";
