/** Where a person sets a new password; what is behind the # is sent to no server and stands in no log. */
export function resetLink(token: string): string {
  return `${location.origin}/reset#${token}`;
}
