/** The frontier of a server elsewhere: the same verbs, over its REST API. */

import type {
  CountOriginsOptions,
  Frontier,
  FrontierCountsRecord,
  ImportOriginsRequest,
  ListerRecord,
  NextVisitsRequest,
  OriginName,
  OriginsImportedRecord,
  VisitChoiceRecord,
  VisitReportRequest,
  VisitsReportedRecord,
  VisitStatsRecord,
} from "../api/frontier.ts";
import type { OperationId, RequestOf, ResponseOf } from "../api/routes.ts";

/** Sends a request of a route and answers its record. */
export type RouteCall = <Id extends OperationId>(
  operation: Id,
  request: RequestOf<Id> & object,
) => Promise<ResponseOf<Id>>;

/** Implements the frontier over the routes; errors as `RemoteScheduler`. */
export class RemoteFrontier implements Frontier {
  readonly #call: RouteCall;

  constructor(call: RouteCall) {
    this.#call = call;
  }

  async listListers(): Promise<readonly ListerRecord[]> {
    return (await this.#call("listListers", {})).items;
  }

  importOrigins(request: ImportOriginsRequest): Promise<OriginsImportedRecord> {
    return this.#call("importOrigins", { body: request });
  }

  nextVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord> {
    return this.#call("nextVisits", { body: request });
  }

  peekVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord> {
    return this.#call("peekVisits", { body: request });
  }

  reportVisits(visits: readonly VisitReportRequest[]): Promise<VisitsReportedRecord> {
    return this.#call("reportVisits", { body: { visits } });
  }

  async getVisitStats(origins: readonly OriginName[]): Promise<readonly VisitStatsRecord[]> {
    return (await this.#call("getVisitStats", { body: { origins } })).items;
  }

  async countOrigins(options: CountOriginsOptions = {}): Promise<readonly FrontierCountsRecord[]> {
    return (await this.#call("countOrigins", { query: options })).items;
  }
}
