import { tell } from "./settings.ts";
import { toast, toastError } from "./toasts.ts";

/** Does something, and says in passing how it went. Answers whether it was done. */
export async function attempt(work: () => Promise<unknown>, done?: () => string): Promise<boolean> {
  try {
    await work();
    if (done) toast(done());
    return true;
  } catch (error) {
    toastError(tell(error));
    return false;
  }
}
