/**
 * What an answer must have at the least to be taken for the record that the route table promises.
 * Members are looked for, not their types: the server is of this package, what must be told apart
 * is another program's answer or another release's. Members that we do not know are welcome.
 */

import { ProtocolError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";
import type { OperationId, ResponseOf } from "../api/routes.ts";

/** For each operation the members that its answer, or the data of its events, must have. */
type Shapes = {
  readonly [Id in OperationId]: readonly (keyof NonNullable<ResponseOf<Id>>)[];
};

const task = ["id", "type", "key", "rootId", "state", "triggers", "requires"] as const;
const taskType = ["name", "executor", "interval", "retry", "limits", "pausedAt"] as const;
const run = ["id", "type", "state", "outcome", "output", "error", "dueAt", "attempts"] as const;
const trigger = ["id", "taskId", "spec", "nextFireAt", "overlap", "pausedAt"] as const;
const graph = ["id", "name", "key", "state", "isStalled", "finishedAt", "nodes"] as const;
const page = ["items", "nextCursor"] as const;
const system = ["version", "now", "pausedAt", "workers", "counts", "database"] as const;

const shapes: Shapes = {
  listTaskTypes: page,
  getTaskType: taskType,
  pauseTaskType: taskType,
  resumeTaskType: taskType,
  createTask: task,
  createTasks: ["items"],
  listTasks: page,
  getTask: task,
  cancelTask: task,
  pauseTask: task,
  resumeTask: task,
  retryTask: task,
  addTrigger: trigger,
  getTrigger: trigger,
  updateTrigger: trigger,
  pauseTrigger: trigger,
  resumeTrigger: trigger,
  removeTrigger: [],
  listOccurrences: ["items", "nextBefore"],
  submitGraph: graph,
  getGraph: graph,
  getGraphResults: ["results"],
  addGraphNodes: graph,
  undoGraph: graph,
  waitForGraph: graph,
  enqueue: ["ids"],
  listRuns: page,
  followRuns: ["runId", "attempt", "outcome", "final"],
  getRun: run,
  cancelRun: run,
  retryRun: run,
  waitForRun: run,
  listLogs: ["items", "nextAfter"],
  followLogs: ["runId", "attempt", "seq", "at", "level", "message"],
  listListers: page,
  importOrigins: ["lister", "recorded"],
  nextVisits: ["origins", "explanation"],
  peekVisits: ["origins", "explanation"],
  reportVisits: ["applied", "disabled"],
  getVisitStats: ["items"],
  countOrigins: ["items"],
  getSystem: system,
  getForecast: ["from", "to", "count", "complete", "hours", "types", "occurrences", "truncated"],
  pauseSystem: system,
  resumeSystem: system,
  createToken: ["token", "secret"],
  listTokens: page,
  revokeToken: [],
};

/**
 * The answer as the record of its operation.
 * @throws ProtocolError `ORR_PROTO_RESPONSE` when a member is missing
 */
export function checkAnswer<Id extends OperationId>(
  operation: Id,
  answer: unknown,
): ResponseOf<Id> {
  const missing = missingMember(operation, answer);
  if (missing === undefined && isAnswer<Id>(answer)) return answer;
  throw new ProtocolError(
    "ORR_PROTO_RESPONSE",
    `the answer to ${operation} has no ${String(missing)}: is the server of another release?`,
    { details: { operation, missing: String(missing) } },
  );
}

function missingMember(operation: OperationId, answer: unknown): PropertyKey | undefined {
  const members: readonly PropertyKey[] = shapes[operation];
  if (members.length === 0) return undefined;
  return isRecord(answer) ? members.find((member) => !(member in answer)) : "object";
}

/** Says to the compiler what the shape has shown. */
function isAnswer<Id extends OperationId>(answer: unknown): answer is ResponseOf<Id> {
  return answer === undefined || isRecord(answer);
}
