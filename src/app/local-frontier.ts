/** The frontier of this process: the service's use cases, with records encoded for users. */

import {
  encodeFrontierCounts,
  encodeListedOrigin,
  encodeLister,
  encodeVisitStats,
} from "../api/encode-frontier.ts";
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
import { formatInstant } from "../kernel/instant.ts";
import type { VisitsChosen } from "../service/frontier.ts";
import type { Service } from "../service/service.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What it stands on. */
export interface LocalFrontierParts {
  readonly service: Service;
  /** Refuses calls once the scheduler is closed. */
  readonly calls: OpenCalls;
}

/** Implements the frontier over the service. */
export class LocalFrontier implements Frontier {
  readonly #parts: LocalFrontierParts;

  constructor(parts: LocalFrontierParts) {
    this.#parts = parts;
  }

  #call<T>(work: (service: Service) => Promise<T>): Promise<T> {
    return this.#parts.calls.make(() => work(this.#parts.service));
  }

  async listListers(): Promise<readonly ListerRecord[]> {
    return (await this.#call((service) => service.listListers())).map(encodeLister);
  }

  async importOrigins(request: ImportOriginsRequest): Promise<OriginsImportedRecord> {
    const imported = await this.#call((service) => service.importOrigins(request));
    return { ...imported, lister: encodeLister(imported.lister) };
  }

  async nextVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord> {
    return encodeChoice(await this.#call((service) => service.nextVisits(request)));
  }

  async peekVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord> {
    return encodeChoice(await this.#call((service) => service.peekVisits(request)));
  }

  async reportVisits(visits: readonly VisitReportRequest[]): Promise<VisitsReportedRecord> {
    return await this.#call((service) => service.reportVisits(visits));
  }

  async getVisitStats(origins: readonly OriginName[]): Promise<readonly VisitStatsRecord[]> {
    return (await this.#call((service) => service.getVisitStats(origins))).map(encodeVisitStats);
  }

  async countOrigins(options: CountOriginsOptions = {}): Promise<readonly FrontierCountsRecord[]> {
    const counts = await this.#call((service) => service.countOrigins(options));
    return counts.map(encodeFrontierCounts);
  }
}

function encodeChoice(chosen: VisitsChosen): VisitChoiceRecord {
  const { origins, explain, path, reason, timestamp, promoted } = chosen;
  return {
    origins: origins.map(encodeListedOrigin),
    explanation: explain ? { path, reason, at: formatInstant(timestamp), promoted } : null,
  };
}
