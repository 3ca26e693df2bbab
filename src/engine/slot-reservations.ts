/** Slots that are promised to runs which are being queued and claimed for them. */

/** The book of promised slots. */
export class SlotReservations {
  #count = 0;
  /** Called when no slot is promised any more. */
  #onNone: (() => void)[] = [];

  /** Slots promised now. */
  get count(): number {
    return this.#count;
  }

  /**
   * Promises slots. The answer takes the promise back, and says whether it had not been taken back
   * before.
   */
  add(count: number): () => boolean {
    let isKept = true;
    this.#count += count;
    return () => {
      if (!isKept) return false;
      isKept = false;
      this.#count -= count;
      if (this.#count === 0) for (const tell of this.#onNone.splice(0)) tell();
      return true;
    };
  }

  /** Resolves when no slot is promised. */
  async none(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => this.#onNone.push(resolve));
  }
}
