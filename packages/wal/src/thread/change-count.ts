/** From this LSN on, the journal's LSNs and the changes that were asked for go side by side, until the next stretch. */
interface Stretch {
  readonly lsn: number
  /** All changes up to this one are in records up to `lsn`, and all others in later ones. */
  readonly change: number
}

/**
 * How many of the changes that were asked for are in the journal, from how far that is.
 *
 * Whoever asks counts its changes, and calls that count their LSN, because it has to know at once. The journal writes entries again by itself, too, when
 * a segment is to be freed: from there on its own LSNs are ahead of the count. A new opening starts the count at the journal's own LSN, so it never goes back.
 */
export class ChangeCount {
  readonly #stretches: Stretch[]
  #ahead = 0
  /** Changes asked for so far. */
  asked: number

  /** @param lsn of the journal when it was opened: all up to it is durable */
  constructor(lsn: number) {
    this.asked = lsn
    this.#stretches = [{ lsn, change: lsn }]
  }

  // Hot: once for all requests that are taken together.
  /** All that was asked for so far is in records up to `lsn`. */
  note(lsn: number): void {
    if (lsn - this.asked === this.#ahead) return
    this.#ahead = lsn - this.asked
    this.#stretches.push({ lsn, change: this.asked })
  }

  /** The last of the changes that are in records up to `lsn`. */
  upTo(lsn: number): number {
    const stretches = this.#stretches
    let at = stretches.length - 1
    while (at > 0 && (stretches[at] as Stretch).lsn > lsn) at--
    const { lsn: from, change } = stretches[at] as Stretch
    return Math.min(change + Math.max(0, lsn - from), stretches[at + 1]?.change ?? this.asked)
  }

  /** Nobody will ask for less than `lsn` any more. */
  forget(lsn: number): void {
    while (this.#stretches.length > 1 && (this.#stretches[1] as Stretch).lsn <= lsn) this.#stretches.shift()
  }
}
