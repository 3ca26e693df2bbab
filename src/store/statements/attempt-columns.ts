/** What the history keeps of a run row, for the statements that end one. */

/** The columns of an attempt, in the order of the values below and of `finishRuns`. */
export const attemptColumns = `run_id, attempt, final, type_id, task_id, trigger_id, state, outcome,
  priority, failure_count, lost_count, fire_at, due_at, created_at, claimed_at, started_at,
  finished_at, worker_id, fence, concurrency_key, input, overrides, output, error, retention_class`;

/** Of a row `gone` that nobody had started, beside its `task_type` and a `clock`. */
export function cancelledAttemptValues(error: string): string {
  return `gone.id, gone.attempt, true, gone.type_id, gone.task_id, gone.trigger_id, 'cancelled',
    'cancelled', gone.priority, gone.failure_count, gone.lost_count, gone.fire_at, gone.due_at,
    gone.created_at, gone.claimed_at, clock.now, clock.now, null, nullif(gone.fence, 0),
    gone.concurrency_key, gone.input, gone.overrides, null, ${error}, task_type.retention_class`;
}
