/** Schemas of graphs: what is submitted and added, and what is read of one. */

import { Type } from "typebox";
import type { GraphNodeRequest } from "../../model/graph.ts";
import type { GraphEdgeRecord, GraphNodeRecord, GraphRecord } from "../graph-records.ts";
import type { SubmitGraphRequest } from "../scheduler.ts";
import type { AddNodesBody, GraphResultsQuery, GraphResultsRecord } from "../wire.ts";
import { onFailureSchema } from "./create.ts";
import {
  batchItemsMax,
  count,
  id,
  instant,
  json,
  jsonObject,
  list,
  name,
  nullable,
  outcomeSchema,
  prioritySchema,
  text,
} from "./parts.ts";
import { policyOverridesSchema } from "./policies.ts";
import { progressRecordSchema, runStateSchema } from "./runs.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";
import { taskStateSchema } from "./tasks.ts";

/** Nodes that one addition can make wait. */
const beforeMax = 100;
/** Results that one call answers. */
const resultsMax = 1_000;

/** A node that is to be stored. */
export const graphNodeRequestSchema: SchemaOf<GraphNodeRequest> = schemaOf<GraphNodeRequest>()(
  Type.Object(
    {
      name: name("Unique in its graph."),
      type: name("Name of the task type."),
      input: Type.Optional(
        json("What the handler is given; checked by the type's schema. Left out it is {}."),
      ),
      requires: Type.Optional(
        Type.Array(name("A node."), {
          description: "Names of nodes that must have succeeded before.",
          maxItems: batchItemsMax,
        }),
      ),
      onFailure: Type.Optional(onFailureSchema),
      undo: Type.Optional(
        name("Name of the task type that undoes it; it is given `{ node, input, output }`."),
      ),
      priority: Type.Optional(prioritySchema),
      concurrencyKey: Type.Optional(name("Counts against the type's `runningPerKeyMax`.")),
      overrides: Type.Optional(policyOverridesSchema),
    },
    {
      title: "GraphNodeRequest",
      description: "A node that is to be stored.",
      additionalProperties: false,
    },
  ),
);

const nodesSchema = Type.Array(graphNodeRequestSchema, {
  description: "In any order.",
  maxItems: batchItemsMax,
});

/** A graph that is to be stored. */
export const submitGraphRequestSchema: SchemaOf<SubmitGraphRequest> =
  schemaOf<SubmitGraphRequest>()(
    Type.Object(
      {
        name: Type.Optional(name("For people.")),
        key: Type.Optional(
          name("Unique among tasks: one that exists changes nothing and answers that graph."),
        ),
        onFailure: Type.Optional(onFailureSchema),
        nodes: nodesSchema,
      },
      {
        title: "SubmitGraphRequest",
        description: "A graph that is to be stored, all or nothing.",
        additionalProperties: false,
      },
    ),
  );

/** Nodes that are to be added. */
export const addNodesBodySchema: SchemaOf<AddNodesBody> = schemaOf<AddNodesBody>()(
  Type.Object(
    {
      nodes: nodesSchema,
      before: Type.Optional(
        Type.Array(name("A node that has not started."), {
          description: "Nodes that are to wait for all that is added.",
          maxItems: beforeMax,
        }),
      ),
      onFailure: Type.Optional(onFailureSchema),
    },
    {
      title: "AddNodesBody",
      description: "Nodes that are to be added to a graph.",
      additionalProperties: false,
    },
  ),
);

/** An edge. */
export const graphEdgeRecordSchema: SchemaOf<GraphEdgeRecord> = schemaOf<GraphEdgeRecord>()(
  Type.Object(
    {
      node: text("Name of the node that must succeed first."),
      onFailure: onFailureSchema,
      satisfiedAt: nullable(instant("When it succeeded; null while it has not.")),
    },
    {
      title: "GraphEdgeRecord",
      description: "An edge of a graph, seen from the node that waits.",
      additionalProperties: false,
    },
  ),
);

/** A node. */
export const graphNodeRecordSchema: SchemaOf<GraphNodeRecord> = schemaOf<GraphNodeRecord>()(
  Type.Object(
    {
      name: text("Unique in its graph."),
      taskId: id("Its task."),
      type: text("Name of the task type."),
      undo: nullable(text("Name of the task type that undoes it.")),
      state: taskStateSchema,
      stateReason: nullable(text("Why, where somebody said so.")),
      lastOutcome: nullable(outcomeSchema),
      runId: nullable(id("Its run that has not ended.")),
      runState: nullable(runStateSchema),
      runAttempt: nullable(count("Tries that this run has begun.")),
      progress: nullable(progressRecordSchema),
      startedAt: nullable(instant("When its present try began, or the one that ended it.")),
      finishedAt: nullable(instant("When it ended; null while it may still run.")),
      requires: list(graphEdgeRecordSchema, "What must succeed before it."),
    },
    { title: "GraphNodeRecord", description: "A node of a graph.", additionalProperties: false },
  ),
);

/** A graph. */
export const graphRecordSchema: SchemaOf<GraphRecord> = schemaOf<GraphRecord>()(
  Type.Object(
    {
      id: id("Its root task, by which it is cancelled, paused, resumed and retried."),
      name: text("For people."),
      key: nullable(text("Unique among tasks.")),
      state: taskStateSchema,
      stateReason: nullable(text("Why, where somebody said so.")),
      isStalled: Type.Boolean({
        description: "Whether all nodes that are left wait for some that have failed.",
      }),
      undoesId: nullable(id("The graph whose work this one undoes.")),
      undoneById: nullable(id("The graph that undoes the work of this one.")),
      createdAt: instant("When it was stored."),
      finishedAt: nullable(instant("When it ended; null while it may go on.")),
      nodes: list(graphNodeRecordSchema, "Each behind what it required when it was stored."),
    },
    {
      title: "GraphRecord",
      description: "A graph of tasks as it stands.",
      additionalProperties: false,
    },
  ),
);

/** Whose results to read. */
export const graphResultsQuerySchema: SchemaOf<GraphResultsQuery> = schemaOf<GraphResultsQuery>()(
  Type.Object(
    {
      nodes: Type.Optional(
        Type.Array(name("A node."), {
          description: "Names of nodes. Left out it is all nodes of the graph.",
          minItems: 1,
          maxItems: resultsMax,
        }),
      ),
    },
    {
      title: "GraphResultsQuery",
      description: "Whose results of a graph to read.",
      additionalProperties: false,
    },
  ),
);

/** Results by node. */
export const graphResultsRecordSchema: SchemaOf<GraphResultsRecord> =
  schemaOf<GraphResultsRecord>()(
    Type.Object(
      { results: jsonObject("By the names of nodes; those that have not succeeded are left out.") },
      {
        title: "GraphResultsRecord",
        description: "What nodes of a graph have answered.",
        additionalProperties: false,
      },
    ),
  );
