/**
 * The frontier: what listers have found, when it was last visited, and what is to be visited next.
 * An origin is a URL of one visit type; any number of listers may list it, and its visits are one
 * and the same for all of them. Loader arguments and lister states are JSON text, since numbers of
 * any size must survive.
 */

import type { Instant } from "../kernel/instant.ts";
import type { CooldownLimits, VisitStatus } from "../policy/visit-cooldown.ts";
import type { SelectionPath, VisitPolicy } from "../policy/visit-selection.ts";
import type { WholeNumber } from "./swh-task.ts";

/** A place where origins are listed: a forge, a package index. */
export interface Lister {
  /** A UUID in lower case, made by the database. */
  readonly id: string;
  /** Unique together with `instanceName`. */
  readonly name: string;
  readonly instanceName: string;
  /** JSON text of an object: what the lister keeps between its runs. */
  readonly stateJson: string;
  readonly createdAt: Instant;
  /** Grows with each change. */
  readonly updatedAt: Instant;
  readonly listingFinishedAt: Instant | null;
  readonly firstVisitsQueuePrefix: string | null;
  readonly firstVisitsScheduledAt: Instant | null;
}

/** A lister to be made. */
export interface NewLister {
  readonly name: string;
  readonly instanceName: string;
  readonly firstVisitsQueuePrefix: string | null;
}

/** A lister as it is to become, with the `updatedAt` that was read. */
export type ListerUpdate = Omit<Lister, "createdAt">;

/** What an import says of its lister. */
export interface ListingNote {
  readonly listerId: string;
  /** Whether its listing has ended. */
  readonly finished: boolean;
  /** Whether it asks for first visits; null leaves that as it is. */
  readonly firstVisits: boolean | null;
  /** Says that it does, unless it has a prefix that says so. */
  readonly firstVisitsQueuePrefix: string;
}

/** A conjunction of filters; null does not filter. In the order of creation. */
export interface ListerFilter {
  readonly ids: readonly string[] | null;
  readonly name: string | null;
  readonly instanceName: string | null;
  /** Those whose listing has finished, that have a queue, and whose first visits are to come. */
  readonly awaitsFirstVisits: boolean;
}

/** An origin as one lister lists it. */
export interface ListedOrigin {
  readonly listerId: string;
  readonly url: string;
  readonly visitType: string;
  /** JSON text of an object. */
  readonly loaderArgumentsJson: string;
  readonly lastUpdateAt: Instant | null;
  readonly isFork: boolean | null;
  readonly forkedFromUrl: string | null;
  readonly enabled: boolean;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

/** An origin that a lister has just seen. */
export type NewListedOrigin = Omit<ListedOrigin, "firstSeenAt" | "lastSeenAt">;

/** Which listed origins; null does not filter. In the order of lister id and URL (bytes). */
export interface ListedOriginFilter {
  readonly listerId: string | null;
  readonly urls: readonly string[] | null;
  readonly enabled: boolean | null;
  /** Only what comes after. */
  readonly after: { readonly listerId: string; readonly url: string } | null;
  /** Rows at which a page ends; it goes on to the end of the URL it is at. */
  readonly limit: WholeNumber;
}

/** Names an origin. */
export interface OriginKey {
  readonly url: string;
  readonly visitType: string;
}

/** When an origin was updated. */
export interface OriginUpdate extends OriginKey {
  readonly lastUpdateAt: Instant;
}

/** What is known of the visits of an origin. */
export interface VisitStats extends OriginKey {
  readonly lastSuccessfulAt: Instant | null;
  readonly lastVisitAt: Instant | null;
  readonly lastVisitStatus: VisitStatus | null;
  readonly lastScheduledAt: Instant | null;
  readonly lastSnapshot: Uint8Array | null;
  /** Any number of 64 bits. */
  readonly queuePosition: WholeNumber | null;
  readonly positionOffset: WholeNumber;
  readonly successiveVisits: WholeNumber;
}

/** Which origins to choose, where they are looked for, and what becomes of them. */
export interface VisitSelection {
  readonly visitType: string;
  readonly policy: VisitPolicy;
  readonly path: SelectionPath;
  readonly enabled: boolean;
  /** Only what these listers list; null for all. */
  readonly listerIds: readonly string[] | null;
  readonly limits: CooldownLimits;
  /** For first visits: the end of the lister's last listing. */
  readonly listingFinishedAt: Instant | null;
  /** What the chosen ones are marked with. */
  readonly timestamp: Instant;
  /** Null for all. */
  readonly limit: WholeNumber | null;
}

/** How many origins of one visit type a lister knows. */
export interface FrontierCounts {
  readonly listerId: string;
  readonly visitType: string;
  readonly countedAt: Instant;
  readonly known: number;
  readonly enabled: number;
  /** Enabled ones without a snapshot. */
  readonly neverVisited: number;
  /** Enabled ones updated after their last successful visit. */
  readonly withPendingChanges: number;
}

/** A position of a visit type's queue. */
export interface QueuePosition {
  readonly visitType: string;
  readonly position: WholeNumber;
}

/** Listers. */
export interface ListerStore {
  listListers(filter: ListerFilter): Promise<readonly Lister[]>;
  /** Makes it unless one of its names is there; answers that then. */
  createLister(lister: NewLister): Promise<Lister>;
  /** Undefined when no lister has this id and this `updatedAt`. */
  updateLister(update: ListerUpdate): Promise<Lister | undefined>;
  /** Changes what the note is about and nothing else, whoever changes the lister meanwhile. */
  noteListing(note: ListingNote): Promise<Lister>;
}

/** What listers have listed. */
export interface OriginStore {
  /**
   * Adds or overwrites, in one transaction, and answers what is stored, in order. No two may be
   * equal in lister, URL and visit type. Undefined when one of the listers is unknown.
   */
  recordOrigins(origins: readonly NewListedOrigin[]): Promise<readonly ListedOrigin[] | undefined>;
  listOrigins(filter: ListedOriginFilter): Promise<readonly ListedOrigin[]>;
  /** Visit types of what a lister lists, by name. */
  listVisitTypes(listerId: string): Promise<readonly string[]>;
}

/** What became of those whose cool-down is over. */
export interface Promotion {
  /** The database's time. */
  readonly now: Instant;
  readonly promoted: number;
}

/** Visits. */
export interface VisitStore {
  /** Makes ready what has cooled down by `until`, but no later than now; null is now. */
  promote(visitType: string, until: Instant | null): Promise<Promotion>;
  /** How many origins of some listers are ready; stops counting at `limit`. */
  countReady(visitType: string, listerIds: readonly string[], limit: number): Promise<number>;
  /**
   * Chooses origins and marks them as scheduled. In the order of the policy; what another
   * transaction is at is passed over, and no two are given the same.
   */
  takeVisits(selection: VisitSelection): Promise<readonly ListedOrigin[]>;
  /** The same without marking. */
  peekVisits(selection: VisitSelection): Promise<readonly ListedOrigin[]>;
  /**
   * Merges stats into the stored ones, in one transaction: null keeps what is stored, the two
   * counts are always overwritten. No two may be of the same origin.
   */
  mergeStats(stats: readonly VisitStats[]): Promise<void>;
  /** Those that are there, in any order, each once. */
  listStats(keys: readonly OriginKey[]): Promise<readonly VisitStats[]>;
  /**
   * Adds origins that are missing, and locks them all for the rest of the transaction: only inside
   * one, and before anything else of it is locked.
   */
  lockOrigins(keys: readonly OriginKey[]): Promise<void>;
  /** Disables what lists origins that the transaction has locked; answers how much that was. */
  disableOrigins(keys: readonly OriginKey[]): Promise<number>;
  /**
   * Notes when origins were updated that the transaction has locked: in each listing that knows of
   * no update, or of an earlier one. No two may be of the same origin.
   */
  noteUpdates(updates: readonly OriginUpdate[]): Promise<void>;
  listQueuePositions(): Promise<readonly QueuePosition[]>;
  setQueuePosition(position: QueuePosition): Promise<void>;
}

/** Counts of the frontier. */
export interface FrontierCountStore {
  /** Counts as of now, keeps the counts, and answers them; null for all listers. */
  updateCounts(listerId: string | null, countedAt: Instant | null): Promise<CountsList>;
  /** The counts that were kept; null does not filter. */
  listCounts(filter: {
    readonly listerId: string | null;
    readonly visitType: string | null;
  }): Promise<CountsList>;
  /** Adds up at most `limit` of the changes that were noted; answers how many. */
  foldCounts(limit: number): Promise<number>;
}

type CountsList = readonly FrontierCounts[];

/** The frontier. */
export interface FrontierStore extends ListerStore, OriginStore, VisitStore, FrontierCountStore {}
