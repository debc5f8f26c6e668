import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isAlive, sleep } from './processes.mjs'

/**
 * A queue in a directory: one holder at a time, and the end of a holder, however it came, frees its place.
 *
 * Lamport's bakery algorithm with one file per ticket. A lock file would have to be stolen from a dead holder, and two thieves can steal from
 * each other; here nobody removes what a living process may still count on. File names: `choosing_OWNER` while a number is being drawn,
 * `ticket_NUMBER_OWNER` after it. OWNER lists identities; the ticket counts while any of them lives.
 */
export class SetupLock {
  /** @type {string} */
  #dir
  /** @type {string} */
  #owner
  /** @type {string | undefined} */
  #ticket

  /**
   * @param {string} dir made if missing
   * @param {readonly number[]} pids processes that hold the lock together: it is free when all of them are gone
   */
  constructor(dir, pids) {
    this.#dir = dir
    this.#owner = pids.map(identityOf).join('+')
  }

  /**
   * Waits for its turn.
   *
   * @param {{ signal?: AbortSignal, onWait?: (holder: string) => void, pollMs?: number }} [options] `onWait` is called once, when someone is ahead
   * @throws the signal's reason when it is aborted; the place in the queue is given up
   */
  async acquire({ signal, onWait, pollMs = 50 } = {}) {
    mkdirSync(this.#dir, { recursive: true })
    const choosing = join(this.#dir, `choosing_${this.#owner}`)
    writeFileSync(choosing, '')
    const number = 1 + Math.max(0, ...this.#entries().map(entry => entry.number))
    this.#ticket = join(this.#dir, `ticket_${number}_${this.#owner}`)
    writeFileSync(this.#ticket, '')
    rmSync(choosing, { force: true })
    for (let told = false; ; ) {
      // Two looks: who has put away its `choosing` by the first has its ticket there by the second.
      const ahead = [...this.#entries().filter(entry => entry.number === 0), ...this.#entries()].find(entry => this.#isAhead(entry, number))
      if (ahead === undefined) return
      if (signal?.aborted) {
        this.release()
        throw signal.reason
      }
      if (!told) onWait?.(ahead.owner)
      told = true
      await sleep(pollMs)
    }
  }

  /** Gives the place up. Nothing happens without one. */
  release() {
    if (this.#ticket !== undefined) rmSync(this.#ticket, { force: true })
    this.#ticket = undefined
  }

  /** @param {{ number: number, owner: string }} entry @param {number} number */
  #isAhead(entry, number) {
    if (entry.owner === this.#owner) return false
    // Someone who is still drawing may draw a lower or the same number.
    return entry.number < number || (entry.number === number && entry.owner < this.#owner)
  }

  /** Places of living owners; a place still being drawn counts as number 0. Removes those of the dead. */
  #entries() {
    const entries = []
    for (const name of readdirSync(this.#dir)) {
      const match = /^(?:choosing|ticket_(\d+))_(.+)$/.exec(name)
      if (!match) continue
      const owner = match[2] ?? ''
      if (owner.split('+').some(isAlive)) entries.push({ number: Number(match[1] ?? 0), owner })
      else rmSync(join(this.#dir, name), { force: true })
    }
    return entries
  }
}
