/**
 * The frontier as users see it: what listers have found, what is to be visited next, and what came
 * of visits. Instants are RFC 3339 text with six digits, durations milliseconds.
 */

import type { JsonObject } from "../kernel/json.ts";
import type { VisitStatus } from "../policy/visit-cooldown.ts";
import type { SelectionPath, VisitPolicy } from "../policy/visit-selection.ts";

/** A place where origins are listed. */
export interface ListerRecord {
  /** A UUID. */
  readonly id: string;
  /** Unique together with `instanceName`. */
  readonly name: string;
  readonly instanceName: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly listingFinishedAt: string | null;
}

/** What a lister has found. */
export interface ImportOriginsRequest {
  /** Made when it is new. */
  readonly lister: ImportingLister;
  /** At most 10,000; of equal ones the last counts. */
  readonly origins: readonly ImportedOrigin[];
  /** Whether that is the end of the listing. @defaultValue false */
  readonly finished?: boolean;
}

/** Who imports. */
export interface ImportingLister {
  readonly name: string;
  /** @defaultValue the empty text */
  readonly instanceName?: string;
  /**
   * Whether what it lists is visited before its turn once its first listing has finished; see
   * docs/visits.md. @defaultValue as it is, false for a new one
   */
  readonly firstVisits?: boolean;
}

/** Something to be visited. What is left out is null, `{}`, or true for `enabled`. */
export interface ImportedOrigin {
  readonly url: string;
  readonly visitType: string;
  readonly loaderArguments?: JsonObject;
  readonly lastUpdateAt?: string | null;
  readonly isFork?: boolean | null;
  readonly forkedFromUrl?: string | null;
  readonly enabled?: boolean;
}

/** What was imported. */
export interface OriginsImportedRecord {
  readonly lister: ListerRecord;
  readonly recorded: number;
}

/** Something to be visited, as one lister found it. */
export interface ListedOriginRecord {
  readonly listerId: string;
  readonly url: string;
  readonly visitType: string;
  readonly loaderArguments: JsonObject;
  readonly lastUpdateAt: string | null;
  readonly isFork: boolean | null;
  readonly forkedFromUrl: string | null;
  readonly enabled: boolean;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** How long origins are left alone, in milliseconds. Null and 0 switch a rule off. */
export interface VisitCooldownOptions {
  /** Since the origin was scheduled. @defaultValue 12 hours */
  readonly absoluteMs?: number | null;
  /** Since then, unless it was visited after. @defaultValue 7 days */
  readonly scheduledMs?: number | null;
  /** Since a visit that failed. @defaultValue 14 days */
  readonly failedMs?: number | null;
  /** Since a visit that found nothing there. @defaultValue 31 days */
  readonly notFoundMs?: number | null;
}

/** Which origins to visit next. */
export interface NextVisitsRequest {
  readonly visitType: string;
  readonly policy: VisitPolicy;
  /** 1 to 10,000. */
  readonly count: number;
  /** @defaultValue true */
  readonly enabled?: boolean;
  readonly listerId?: string;
  readonly listerName?: string;
  readonly listerInstanceName?: string;
  /** The time of the choice. @defaultValue the database's time */
  readonly at?: string;
  readonly cooldowns?: VisitCooldownOptions;
  /** Whether to say how the choice was made. @defaultValue false */
  readonly explain?: boolean;
}

/** What was chosen, in the order of the policy. */
export interface VisitChoiceRecord {
  readonly origins: readonly ListedOriginRecord[];
  /** Null unless it was asked for. */
  readonly explanation: VisitExplanation | null;
}

/** How a choice was made. */
export interface VisitExplanation {
  /**
   * Where candidates were looked for: along the policy's queue (`ready`), among the few of a small
   * lister (`lister`), among everything that is enabled (`all`), or among what is not (`disabled`).
   * Each is exact; the first two take milliseconds, however many origins there are.
   */
  readonly path: SelectionPath;
  /** Why that one. */
  readonly reason: string;
  /** The time of the choice. */
  readonly at: string;
  /** How many origins had just cooled down, and were made ready for it. */
  readonly promoted: number;
}

/** Names an origin. */
export interface OriginName {
  readonly url: string;
  readonly visitType: string;
}

/** A visit that has ended. */
export interface VisitReportRequest extends OriginName {
  /** When it ended; one that is not later than the last known one changes nothing. */
  readonly at: string;
  readonly outcome: VisitStatus;
  /** Its id in hexadecimal; a success without one counts as failed. */
  readonly snapshot?: string | null;
}

/** What came of reports. */
export interface VisitsReportedRecord {
  readonly applied: number;
  /** Listings of origins that had failed three times in a row. */
  readonly disabled: number;
}

/** What is known of the visits of an origin. */
export interface VisitStatsRecord extends OriginName {
  readonly lastSuccessfulAt: string | null;
  readonly lastVisitAt: string | null;
  readonly lastVisitStatus: VisitStatus | null;
  readonly lastScheduledAt: string | null;
  /** In hexadecimal. */
  readonly lastSnapshot: string | null;
  /** Decimal digits of a number of 64 bits. */
  readonly queuePosition: string | null;
  readonly positionOffset: number;
  readonly successiveVisits: number;
}

/** How many origins of a visit type a lister knows. */
export interface FrontierCountsRecord {
  readonly listerId: string;
  readonly visitType: string;
  readonly countedAt: string;
  readonly known: number;
  readonly enabled: number;
  readonly neverVisited: number;
  readonly withPendingChanges: number;
}

/** Which counts. */
export interface CountOriginsOptions {
  readonly listerId?: string;
  readonly visitType?: string;
}

/** The frontier of one installation. */
export interface Frontier {
  listListers(): Promise<readonly ListerRecord[]>;
  /**
   * Records what a lister has found; all or nothing. What it has listed before is not listed twice
   * but overwritten: its last update is again what the lister says, also when a visit has learnt of
   * a later one, and it is enabled again unless the lister says otherwise, also when it was given
   * up. `finished` sets the end of the listing to now.
   */
  importOrigins(request: ImportOriginsRequest): Promise<OriginsImportedRecord>;
  /** Chooses what to visit next and marks it as scheduled: no two calls get the same. */
  nextVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord>;
  /** The same without marking. */
  peekVisits(request: NextVisitsRequest): Promise<VisitChoiceRecord>;
  /** Notes visits that have ended, in order. */
  reportVisits(visits: readonly VisitReportRequest[]): Promise<VisitsReportedRecord>;
  /** In the order given; unknown origins are left out. */
  getVisitStats(origins: readonly OriginName[]): Promise<readonly VisitStatsRecord[]>;
  /** Counts as of now. */
  countOrigins(options?: CountOriginsOptions): Promise<readonly FrontierCountsRecord[]>;
}
