/**
 * Records origins from lines of JSON, a batch at a time. Each batch is recorded whole or not at
 * all, and a line that comes again is not listed twice but says the same once more: an import that
 * broke off may be begun anew, or go on behind the last batch.
 */

import type {
  Frontier,
  ImportedOrigin,
  ImportingLister,
  OriginsImportedRecord,
} from "../api/frontier.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { invalidField } from "../kernel/fields.ts";
import { isRecord } from "../kernel/json.ts";
import { parseJson } from "./input-option.ts";
import { type InputLine, type InputSource, linesOf } from "./input-lines.ts";

/** What is imported, and how. */
export interface OriginImport {
  readonly source: InputSource;
  readonly lister: ImportingLister;
  /** Of lines that name none. */
  readonly visitType: string | undefined;
  /** Whether the end of the input is the end of the listing. */
  readonly finished: boolean;
  /** Lines to pass over, which an earlier import has recorded. */
  readonly skipCount: number;
  /** Lines of a batch at most. */
  readonly batchCount: number;
  /** Told after each batch: the last line that is recorded for good. */
  readonly onBatch: (lineNumber: number) => void;
}

/** What came of it. */
export interface OriginsImported extends OriginsImportedRecord {
  /** The number of the last line. */
  readonly lines: number;
}

/** Bytes of a batch at which it is sent: well below what a server takes. */
const batchBytesMax = 2_097_152;

interface Batch {
  readonly origins: ImportedOrigin[];
  /** The line of each origin. */
  readonly lines: number[];
  bytes: number;
}

/**
 * Imports all lines; empty ones are passed over.
 * @throws InvalidInputError `ORR_INPUT_*` whose message names the line and the field
 */
export async function importOrigins(
  frontier: Frontier,
  request: OriginImport,
): Promise<OriginsImported> {
  const { source, skipCount, batchCount } = request;
  let recorded = 0;
  let batch = emptyBatch();
  let lastLine = 0;
  const send = async (isLast: boolean): Promise<OriginsImportedRecord> => {
    const answer = await sendBatch(frontier, { ...request, batch, isLast });
    recorded += answer.recorded;
    batch = emptyBatch();
    request.onBatch(lastLine);
    return answer;
  };
  for await (const line of linesOf(source)) {
    if (line.number > skipCount && line.text.trim() !== "") {
      // Not before the next origin is there: the last batch may end the listing.
      if (batch.origins.length >= batchCount || batch.bytes >= batchBytesMax) await send(false);
      batch.origins.push(originOf(line, request));
      batch.lines.push(line.number);
      batch.bytes += Buffer.byteLength(line.text);
    }
    lastLine = line.number;
  }
  const { lister } = await send(true);
  return { lister, recorded, lines: lastLine };
}

function emptyBatch(): Batch {
  return { origins: [], lines: [], bytes: 0 };
}

/** A line as an origin; its fields are checked where it is recorded, local or remote. */
function originOf(
  line: InputLine,
  { source, visitType }: Pick<OriginImport, "source" | "visitType">,
): ImportedOrigin {
  const where = `line ${line.number} of ${source.name}`;
  const value = parseJson(line.text, where);
  const origin = visitType === undefined || !isRecord(value) ? value : { visitType, ...value };
  if (isOrigin(origin)) return origin;
  throw invalidField(where, { expected: 'an object such as {"url": "https://…"}', value });
}

function isOrigin(value: unknown): value is ImportedOrigin {
  return isRecord(value);
}

async function sendBatch(
  frontier: Frontier,
  {
    batch,
    isLast,
    lister,
    finished,
    source,
  }: OriginImport & { readonly batch: Batch; readonly isLast: boolean },
): Promise<OriginsImportedRecord> {
  try {
    const end = isLast && finished ? { finished: true } : {};
    return await frontier.importOrigins({ lister, origins: batch.origins, ...end });
  } catch (thrown) {
    throw lineError(thrown, { batch, source });
  }
}

/** The error of a batch as that of a line, where it is about one. */
function lineError(
  thrown: unknown,
  { batch, source }: { readonly batch: Batch; readonly source: InputSource },
): unknown {
  if (!(thrown instanceof InvalidInputError)) return thrown;
  const field = thrown.details["field"];
  if (typeof field !== "string") return thrown;
  const place = /^origins\[(\d+)\](?:\.(.+))?$/.exec(field);
  const line = batch.lines[Number(place?.[1])];
  if (place === null || line === undefined) return thrown;
  const inLine = place[2] ?? "the line";
  const message = thrown.message.replace(field, inLine);
  return new InvalidInputError(thrown.code, `line ${line} of ${source.name}: ${message}`, {
    details: { ...thrown.details, field: inLine, line },
    cause: thrown,
  });
}
