/** The one table of error codes; `docs/errors.md` is generated from it. */

/** What a code means, who acts on it, and the HTTP status it travels with. */
export interface ErrorCodeEntry {
  readonly httpStatus: number;
  readonly meaning: string;
}

/** All codes, grouped by the class that carries them. */
export const errorCodes = {
  ORR_INPUT_INVALID: { httpStatus: 400, meaning: "A field has a value outside its contract." },
  ORR_INPUT_ARGUMENTS: { httpStatus: 400, meaning: "Task arguments fail the task type's schema." },
  ORR_INPUT_TRIGGER: { httpStatus: 400, meaning: "A trigger cannot be read." },
  ORR_INPUT_ZONE: { httpStatus: 400, meaning: "The time zone is unknown." },
  ORR_INPUT_CURSOR: { httpStatus: 400, meaning: "The page cursor was not made by this server." },
  ORR_INPUT_JSON: { httpStatus: 400, meaning: "The body is not valid JSON." },
  ORR_INPUT_TOO_LARGE: { httpStatus: 413, meaning: "A body, page or name is over its bound." },
  ORR_INPUT_MEDIA_TYPE: { httpStatus: 415, meaning: "The body's content type is not accepted." },
  ORR_INPUT_CYCLE: { httpStatus: 400, meaning: "The dependencies form a cycle." },
  ORR_INPUT_POLICY: { httpStatus: 400, meaning: "No selection policy has this name." },
  ORR_NOT_FOUND_TASK_TYPE: { httpStatus: 404, meaning: "No task type has this name." },
  ORR_NOT_FOUND_TASK: { httpStatus: 404, meaning: "No task has this id." },
  ORR_NOT_FOUND_TRIGGER: { httpStatus: 404, meaning: "No trigger has this id." },
  ORR_NOT_FOUND_RUN: { httpStatus: 404, meaning: "No run has this id." },
  ORR_NOT_FOUND_LISTER: { httpStatus: 404, meaning: "No lister has this id or these names." },
  ORR_NOT_FOUND_TOKEN: { httpStatus: 404, meaning: "No API token has this id." },
  ORR_NOT_FOUND_NODE: { httpStatus: 404, meaning: "The graph has no such node." },
  ORR_NOT_FOUND_ROUTE: { httpStatus: 404, meaning: "The server has no such path." },
  ORR_NOT_ALLOWED_METHOD: { httpStatus: 405, meaning: "The path exists, the method does not." },
  ORR_CONFLICT_DUPLICATE: { httpStatus: 409, meaning: "A record with this key exists." },
  ORR_CONFLICT_QUEUE_FULL: { httpStatus: 409, meaning: "The type's queue is at its maximum." },
  ORR_CONFLICT_NAME: { httpStatus: 409, meaning: "Two task definitions share a name." },
  ORR_CONFLICT_STALE: { httpStatus: 409, meaning: "The record has changed since it was read." },
  ORR_STATE_TRANSITION: { httpStatus: 409, meaning: "The record's state does not allow this." },
  ORR_STATE_CLOSED: { httpStatus: 409, meaning: "The scheduler has been closed." },
  ORR_STATE_RUNNER: { httpStatus: 409, meaning: "The task runner's state does not allow this." },
  ORR_LEASE_LOST: { httpStatus: 409, meaning: "The fencing token is no longer current." },
  ORR_TIMEOUT_RUN: { httpStatus: 504, meaning: "The run exceeded its time-out." },
  ORR_TIMEOUT_WAIT: { httpStatus: 504, meaning: "What was waited for did not happen in time." },
  ORR_TIMEOUT_GRAPH: { httpStatus: 504, meaning: "The run of a graph exceeded its time-out." },
  ORR_TIMEOUT_NODE: { httpStatus: 504, meaning: "A node of a graph exceeded its time-out." },
  ORR_TIMEOUT_TASK: { httpStatus: 504, meaning: "A stepped task took longer than it was given." },
  ORR_CANCELLED_RUN: { httpStatus: 409, meaning: "The run was cancelled on request." },
  ORR_CANCELLED_SHUTDOWN: { httpStatus: 409, meaning: "The worker is stopping." },
  ORR_CANCELLED_LEASE: { httpStatus: 409, meaning: "The worker lost the run's lease." },
  ORR_CANCELLED_GRAPH: { httpStatus: 409, meaning: "The run of the graph is being stopped." },
  ORR_CANCELLED_TASK: { httpStatus: 409, meaning: "A stepped task was interrupted." },
  ORR_EXEC_FAILED: { httpStatus: 500, meaning: "The handler threw or reported a failure." },
  ORR_EXEC_EXIT: { httpStatus: 500, meaning: "The child process ended with a failure." },
  ORR_EXEC_SPAWN: { httpStatus: 500, meaning: "The child process could not be started." },
  ORR_EXEC_NO_HANDLER: { httpStatus: 500, meaning: "This worker has no handler for the type." },
  ORR_EXEC_LOST: { httpStatus: 500, meaning: "The worker died or lost the run's lease." },
  ORR_EXEC_GROUP: { httpStatus: 500, meaning: "Tasks of a group failed; `errors` holds each." },
  ORR_EXEC_CLOSE_IGNORED: { httpStatus: 500, meaning: "A stepped task refused to be closed." },
  ORR_PROTO_RESPONSE: { httpStatus: 502, meaning: "A peer's answer breaks the protocol." },
  ORR_STORE_UNAVAILABLE: { httpStatus: 503, meaning: "The database cannot be reached." },
  ORR_STORE_REFUSED: { httpStatus: 503, meaning: "The database refused a statement." },
  ORR_STORE_VERSION: { httpStatus: 503, meaning: "The schema belongs to another release." },
  ORR_CONFIG_INVALID: { httpStatus: 500, meaning: "A setting has an unusable value." },
  ORR_CONFIG_FILE: { httpStatus: 500, meaning: "The configuration file cannot be loaded." },
  ORR_CONFIG_PORT: { httpStatus: 500, meaning: "The port is taken or not allowed." },
  ORR_CONFIG_LISTEN: { httpStatus: 500, meaning: "This address needs an API token first." },
  ORR_CONFIG_PLATFORM: { httpStatus: 500, meaning: "No database binaries for this platform." },
  ORR_CONFIG_DIRECTORY: { httpStatus: 500, meaning: "The data directory cannot be used." },
  ORR_CONFIG_LOCKED: { httpStatus: 500, meaning: "Another server owns the data directory." },
  ORR_ACCESS_UNAUTHENTICATED: { httpStatus: 401, meaning: "No valid API token was sent." },
  ORR_ACCESS_FORBIDDEN: { httpStatus: 403, meaning: "The token's role does not allow this." },
  ORR_BUG_INVARIANT: { httpStatus: 500, meaning: "An invariant of Orrery does not hold." },
} as const;

/** The table again, as its readers see it: here the compiler checks each entry. */
export const errorCodeEntries: Readonly<Record<ErrorCode, ErrorCodeEntry>> = errorCodes;

/** One of the codes. */
export type ErrorCode = keyof typeof errorCodes;

/** Whether `text` is a known code; for errors that come back over a wire. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === "string" && Object.hasOwn(errorCodes, text);
}
