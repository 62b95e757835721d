/** What the operator allows in direct conversations. */
export interface DirectPolicy {
  /** Only friends open one and write in it; else anyone who is not blocked. Data asks, in the transaction. */
  friendsOnly: boolean;
}
