/** Schemas of the installation, of API tokens, and of what all routes share. */

import { Type } from "typebox";
import type { WorkerState } from "../../model/state-machine.ts";
import type { TokenRole } from "../../model/worker.ts";
import type { Page, RunCountRecord, SystemRecord, TokenRecord, WorkerRecord } from "../records.ts";
import type { CreatedToken, CreateTokenRequest } from "../scheduler.ts";
import type {
  EmptyBody,
  ErrorRecord,
  IdParams,
  NameParams,
  ReasonBody,
  TaskIdParams,
} from "../wire.ts";
import { pageOf } from "./pages.ts";
import {
  count,
  durationMs,
  errorCode,
  id,
  instant,
  jsonObject,
  list,
  name,
  nullable,
  oneOfAll,
  reasonLengthMax,
  text,
} from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** Ten years: longer lives of a token are mistakes. */
const tokenDaysMax = 3_650;

/** A worker process. */
export const workerRecordSchema: SchemaOf<WorkerRecord> = schemaOf<WorkerRecord>()(
  Type.Object(
    {
      id: id("Names one start of the process."),
      host: text("The machine."),
      pid: count("The process on it."),
      version: text("Of Orrery."),
      state: oneOfAll<WorkerState>(
        { live: true, draining: true, lost: true, stopped: true },
        "Whether it claims runs.",
      ),
      slotCount: count("Runs that it takes on at one time."),
      runningCount: count("Runs that it holds."),
      startedAt: instant("When it started."),
      heartbeatAt: instant("Its last sign of life."),
      expiresAt: instant("It is taken for lost without a sign of life until then."),
    },
    { title: "WorkerRecord", description: "A worker process.", additionalProperties: false },
  ),
);

/** How many live runs of a type are in a state. */
export const runCountRecordSchema: SchemaOf<RunCountRecord> = schemaOf<RunCountRecord>()(
  Type.Object(
    {
      type: text("Name of the task type."),
      state: text("The state; waiting runs are split by whether they are due."),
      count: count("How many."),
      lagMs: durationMs("Since the oldest due one became due."),
    },
    {
      title: "RunCountRecord",
      description: "How many live runs of a type are in a state.",
      additionalProperties: false,
    },
  ),
);

/** The installation as a whole. */
export const systemRecordSchema: SchemaOf<SystemRecord> = schemaOf<SystemRecord>()(
  Type.Object(
    {
      version: text("Of Orrery."),
      now: instant("The database's clock."),
      pausedAt: nullable(instant("When everything was paused; null while it runs.")),
      nextFireAt: nullable(instant("The earliest next fire time.")),
      taskTypeCount: count("Registered task types."),
      workers: list(workerRecordSchema, "Worker processes."),
      counts: list(runCountRecordSchema, "Live runs by type and state."),
      database: Type.Object(
        {
          serverVersion: text("Of PostgreSQL."),
          database: text("Its name."),
          schema: text("The schema that holds our tables."),
          migration: text("The last migration that was applied."),
          sizeBytes: Type.Number({ description: "Of the whole database.", minimum: 0 }),
        },
        { description: "Where everything is kept.", additionalProperties: false },
      ),
    },
    {
      title: "SystemRecord",
      description: "The installation as a whole.",
      additionalProperties: false,
    },
  ),
);

const roleSchema = oneOfAll<TokenRole>(
  { viewer: true, operator: true, admin: true },
  "What its holder may do; each may do what those before may.",
);

/** An API token, without its secret. */
export const tokenRecordSchema: SchemaOf<TokenRecord> = schemaOf<TokenRecord>()(
  Type.Object(
    {
      id: id("Names the token."),
      name: text("For people."),
      role: roleSchema,
      createdAt: instant("When it was made."),
      expiresAt: nullable(instant("Null means never.")),
      lastUsedAt: nullable(instant("When a request came with it last.")),
      revokedAt: nullable(instant("When it was revoked; null while it is valid.")),
    },
    {
      title: "TokenRecord",
      description: "An API token, without its secret.",
      additionalProperties: false,
    },
  ),
);

/** All tokens. */
export const tokenPageSchema: SchemaOf<Page<TokenRecord>> = pageOf(tokenRecordSchema, "TokenPage");

/** A new token with its secret. */
export const createdTokenSchema: SchemaOf<CreatedToken> = schemaOf<CreatedToken>()(
  Type.Object(
    {
      token: tokenRecordSchema,
      secret: text("Shown this once; send it as `Authorization: Bearer <secret>`."),
    },
    { title: "CreatedToken", description: "A new token.", additionalProperties: false },
  ),
);

/** A token to be made. */
export const createTokenRequestSchema: SchemaOf<CreateTokenRequest> =
  schemaOf<CreateTokenRequest>()(
    Type.Object(
      {
        name: name("For people."),
        role: roleSchema,
        expiresInDays: Type.Optional(
          Type.Integer({
            description: "Days until it expires; absent means never.",
            minimum: 1,
            maximum: tokenDaysMax,
          }),
        ),
      },
      {
        title: "CreateTokenRequest",
        description: "A token to be made.",
        additionalProperties: false,
      },
    ),
  );

/** Every error answer. */
export const errorRecordSchema: SchemaOf<ErrorRecord> = schemaOf<ErrorRecord>()(
  Type.Object(
    {
      error: Type.Object(
        {
          code: errorCode(),
          message: text("What was expected, what came, where."),
          details: jsonObject("`field` and `value` where a single one is at fault."),
        },
        { description: "What went wrong.", additionalProperties: false },
      ),
    },
    { title: "ErrorRecord", description: "Every error answer.", additionalProperties: false },
  ),
);

/** A record's id in the path. */
export const idParamsSchema: SchemaOf<IdParams> = schemaOf<IdParams>()(
  Type.Object(
    { id: id("The record's id.") },
    { title: "IdParams", description: "Names a record.", additionalProperties: false },
  ),
);

/** The id of a task in the path to what belongs to it. */
export const taskIdParamsSchema: SchemaOf<TaskIdParams> = schemaOf<TaskIdParams>()(
  Type.Object(
    { taskId: id("The task's id.") },
    { title: "TaskIdParams", description: "Names a task.", additionalProperties: false },
  ),
);

/** A task type's name in the path. */
export const nameParamsSchema: SchemaOf<NameParams> = schemaOf<NameParams>()(
  Type.Object(
    { name: name("The task type's name.") },
    { title: "NameParams", description: "Names a task type.", additionalProperties: false },
  ),
);

/** Why somebody stops something. */
export const reasonBodySchema: SchemaOf<ReasonBody> = schemaOf<ReasonBody>()(
  Type.Object(
    {
      reason: Type.Optional(
        Type.String({
          description: "Kept with the record.",
          minLength: 1,
          maxLength: reasonLengthMax,
        }),
      ),
    },
    { title: "ReasonBody", description: "Why it is stopped.", additionalProperties: false },
  ),
);

/** The body of requests that say everything in their path. */
export const emptyBodySchema: SchemaOf<EmptyBody> = Type.Unsafe<EmptyBody>(
  Type.Object(
    {},
    { title: "EmptyBody", description: "Has no members.", additionalProperties: false },
  ),
);
