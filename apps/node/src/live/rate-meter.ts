/** Events per second over the last moments, from a counter that is looked at now and then. */
export class RateMeter {
  readonly #windowMs: number
  readonly #looks: { readonly atMs: number; readonly events: number }[] = []

  /** `windowMs` is how far back it looks. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Takes a look in; `nowMs` is any clock that never goes back. Returns events per second, 0 at the first look. */
  look(nowMs: number, events: number): number {
    this.#looks.push({ atMs: nowMs, events })
    while (this.#looks.length > 2 && nowMs - (this.#looks[1]?.atMs ?? nowMs) >= this.#windowMs) this.#looks.shift()
    const first = this.#looks[0]
    if (first === undefined || nowMs <= first.atMs) return 0
    return Math.round(((events - first.events) * 1000) / (nowMs - first.atMs))
  }
}
