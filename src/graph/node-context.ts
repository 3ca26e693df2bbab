/** What a node's function is given while it runs. */

/** One try of one node. Its members may be taken out of it, as in `({ results, signal }) => …`. */
export interface NodeContext<Results> {
  /** What the nodes that it requires have returned. */
  readonly results: Results;
  /**
   * Aborted when the node is to stop: its time is over, another node failed, the run was cancelled.
   * The signal's `reason` says which. A node that goes on all the same is given up after the grace
   * period: what it returns or throws later counts for nothing.
   */
  readonly signal: AbortSignal;
  /** Counted from 1; more than 1 where the node is retried. */
  readonly attempt: number;
  /** Tells how far the node has come: `fraction` 0 to 1, or null when the end is not known. */
  readonly progress: (fraction: number | null, message?: string) => void;
  /** Resolves after some milliseconds of the run's clock, or rejects when the node is to stop. */
  readonly delay: (ms: number) => Promise<void>;
}
