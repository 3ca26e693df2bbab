/** What the bench and its firing processes say to each other. */

/** Which tables a process fires from. */
export interface Place {
  readonly url: string;
  readonly schema: string;
}

/** From a firing process; `atMs` is the machine's clock when the batch was committed. */
export type Told =
  | { readonly kind: "ready" }
  | { readonly kind: "fired"; readonly count: number; readonly atMs: number }
  | { readonly kind: "failed"; readonly message: string };

/** The only thing that a firing process is asked. */
export const stopMessage = "stop";

/** Whether a message is that. */
export function isStop(message: unknown): boolean {
  return message === stopMessage;
}
