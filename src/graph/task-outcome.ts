/** How far a stepped task has come. */

/** The states of a task, with the result or the error of one that is over. */
export type TaskOutcome<Result> =
  | { readonly state: "pending" }
  | { readonly state: "running" }
  | { readonly state: "succeeded"; readonly value: Result }
  | { readonly state: "failed"; readonly error: unknown }
  /** Closed before its end, or never begun. */
  | { readonly state: "cancelled" };

/** What a runner says about its task. */
export interface TaskStatus<Result> {
  /** Whether it was called. */
  readonly started: boolean;
  /** Whether it is over. */
  readonly done: boolean;
  readonly outcome: TaskOutcome<Result>;
}
