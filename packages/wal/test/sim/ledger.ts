import { cloneLogs, type ModelLog, type ModelLogs } from '../model-logs.ts'

/** Something that was done to a journal. */
interface Deed {
  readonly lsn: number
  readonly act: (logs: ModelLogs) => void
  /** Whether it removed what nobody needs: an archive keeps that. */
  readonly trims: boolean
}

/** One log as a journal shows it. */
export interface FoundLog {
  readonly id: number
  readonly first: number
  readonly last: number
  readonly lastTerm: number
  readonly snapshot: { readonly index: number; readonly term: number } | undefined
  readonly values: ReadonlyMap<string, string>
  readonly entries: readonly string[]
  /** Of the entries, and in front of them of the one before, if there was one. */
  readonly terms: readonly (number | undefined)[]
}

/** A journal shows what it must not. */
export class LedgerError extends Error {}

/**
 * What was done to a journal's logs, and what it has promised: the right answer to every opening.
 *
 * The logs must be as after all deeds up to some LSN, and that LSN must not be below the one that was promised.
 */
export class Ledger {
  #base: ModelLogs = new Map()
  /** As the base, with everything that was ever trimmed. */
  readonly #history: ModelLogs = new Map()
  #deeds: Deed[] = []
  #now: ModelLogs = new Map()
  #syncedLsn = 0
  #takenLsn = 0
  /** By text: the LSN of an entry that was appended since the last opening. */
  readonly #lsns = new Map<string, number>()
  /** By log, index and term: every entry that there ever was. */
  readonly #texts = new Map<string, string>()

  /** The logs as they are after all that was done. */
  get logs(): ModelLogs {
    return this.#now
  }

  /** The logs as they would be if nothing had ever been trimmed. */
  get history(): ModelLogs {
    const logs = cloneLogs(this.#history)
    for (const { act, trims } of this.#deeds) if (!trims) act(logs)
    return logs
  }

  /** Takes note of a deed, with the LSN that the journal gave it. */
  note(lsn: number, act: (logs: ModelLogs) => void, trims = false): void {
    this.#deeds.push({ lsn, act, trims })
    act(this.#now)
  }

  /** Takes note of an entry: of who reads it before it is durable, and of what a peer may have to give. */
  noteEntry(log: number, index: number, term: number, text: string, lsn: number): void {
    this.#lsns.set(text, lsn)
    this.#texts.set(`${log}/${index}/${term}`, text)
  }

  /** The LSN of an entry that was appended since the last opening; 0 for an older one. */
  lsnOfEntry(text: string): number {
    return this.#lsns.get(text) ?? 0
  }

  /** The newest entry of this index and term. */
  textOf(log: number, index: number, term: number): string | undefined {
    return this.#texts.get(`${log}/${index}/${term}`)
  }

  /** Takes note of what the journal says: what is on stable storage, and what the operating system has taken. */
  promise(syncedLsn: number, takenLsn: number): void {
    this.#syncedLsn = Math.max(this.#syncedLsn, syncedLsn)
    this.#takenLsn = Math.max(this.#takenLsn, takenLsn)
  }

  /** Survives everything but damage. */
  get syncedLsn(): number {
    return this.#syncedLsn
  }

  /** Survives the death of the process. */
  get takenLsn(): number {
    return this.#takenLsn
  }

  /**
   * Finds out how many of the deeds a journal shows: all up to `keptLsn`, and perhaps more, but none above `lastLsn`.
   *
   * An opening that did not come to its end may have cut a tail and given its LSNs to marks of the journal itself: what was not promised may be gone without
   * that showing in the LSN.
   *
   * Of several answers it is the last: a log that was dropped, made anew and trimmed to nothing may look as it did before, and an archive shows the difference.
   *
   * @throws {LedgerError} says what differs
   */
  match(found: readonly FoundLog[], keptLsn: number, lastLsn: number): number {
    if (lastLsn < keptLsn) throw new LedgerError(`it reaches LSN ${lastLsn}, and ${keptLsn} was promised`)
    const logs = cloneLogs(this.#base)
    let count = 0
    for (; count < this.#deeds.length && this.#lsnOf(count) <= keptLsn; count++) this.#deeds[count]?.act(logs)
    const least = differenceOf(logs, found)
    let shown = least === undefined ? count : undefined
    while (count < this.#deeds.length && this.#lsnOf(count) <= lastLsn) {
      this.#deeds[count++]?.act(logs)
      if (differenceOf(logs, found) === undefined) shown = count
    }
    if (shown !== undefined) return shown
    throw new LedgerError(`promised up to LSN ${keptLsn}, it reaches ${lastLsn}: ${differenceOf(logs, found)}; as of the promise: ${least}`)
  }

  /** The journal holds the first `count` deeds and no other from now on, and says that everything up to an LSN is durable: which is true up to `keptLsn`. */
  settle(count: number, lsn: number, keptLsn: number): void {
    const held = this.#deeds.slice(0, count)
    const kept = held.findIndex(deed => deed.lsn > keptLsn)
    this.#deeds = kept < 0 ? [] : held.splice(kept)
    for (const { act, trims } of held) {
      act(this.#base)
      if (!trims) act(this.#history)
    }
    this.#lsns.clear()
    this.#now = cloneLogs(this.#base)
    for (const { act } of this.#deeds) act(this.#now)
    this.#syncedLsn = this.#takenLsn = lsn
  }

  #lsnOf(deed: number): number {
    return this.#deeds[deed]?.lsn ?? Number.POSITIVE_INFINITY
  }
}

/** What is wrong with the logs found; `undefined` when nothing is. */
function differenceOf(logs: ModelLogs, found: readonly FoundLog[]): string | undefined {
  const ids = [...logs.keys()].sort((a, b) => a - b).join()
  const foundIds = found.map(({ id }) => id).join()
  if (ids !== foundIds) return `there are the logs ${foundIds || 'none'}, not ${ids || 'none'}`
  for (const log of found) {
    const difference = differenceOfLog(logs.get(log.id) as ModelLog, log)
    if (difference !== undefined) return `log ${log.id} ${difference}`
  }
  return undefined
}

function differenceOfLog(log: ModelLog, found: FoundLog): string | undefined {
  if (log.first !== found.first || log.last !== found.last) return `holds ${found.first} to ${found.last}, not ${log.first} to ${log.last}`
  if (log.lastTerm !== found.lastTerm) return `ends with term ${found.lastTerm}, not ${log.lastTerm}`
  if (log.snapshot?.index !== found.snapshot?.index || log.snapshot?.term !== found.snapshot?.term)
    return `has its mark at ${found.snapshot?.index}, not ${log.snapshot?.index}`
  const names = new Set([...log.values.keys(), ...found.values.keys()])
  for (const name of names)
    if (log.values.get(name) !== found.values.get(name)) return `has ${name} '${found.values.get(name)}', not '${log.values.get(name)}'`
  for (let i = 0; i < log.entries.length; i++)
    if (log.entries[i]?.text !== found.entries[i])
      return `has entry ${log.first + i} '${short(found.entries[i])}', not '${short(log.entries[i]?.text)}'`
  const from = Math.max(1, log.first - 1)
  for (let i = 0; i < found.terms.length; i++)
    if (found.terms[i] !== log.termAt(from + i))
      return `says that index ${from + i} is of term ${found.terms[i]}, not ${log.termAt(from + i)}`
  return undefined
}

function short(text: string | undefined): string | undefined {
  return text === undefined || text.length <= 24 ? text : `${text.slice(0, 24)}... (${text.length})`
}
