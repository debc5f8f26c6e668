import type { LogEntry, LogJournal, LogReadOptions, LogStore } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import type { LogPlace } from '../src/compliance.ts'
import { MemoryDisk, type MemoryJournal, openMemoryJournal } from '../src/memory.ts'
import { openTurning } from './memory-place.ts'

/** What a broken store does otherwise: members that stand in for those of a memory journal, and of its logs. */
export interface Faults {
  readonly log?: (log: LogStore, journal: MemoryJournal) => object
  readonly journal?: (journal: MemoryJournal) => object
  /** Stands in for members of the place. */
  readonly place?: (place: LogPlace) => object
}

/** An object with some of its members replaced. */
function replacing<T extends object>(target: T, replacements: object): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in replacements) return Reflect.get(replacements, name)
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** A place whose journals commit whenever the event loop comes round, and are broken in one way. */
export function brokenPlace(faults: Faults): LogPlace {
  const journals = new Map<LogJournal, MemoryJournal>()
  const disk = new MemoryDisk()
  const place: LogPlace = {
    open() {
      const journal = openTurning(disk)
      const logs = new Map<LogStore, LogStore>()
      const logOf = (id: number): LogStore => {
        const log = journal.log(id)
        const known = logs.get(log) ?? replacing(log, faults.log?.(log, journal) ?? {})
        logs.set(log, known)
        return known
      }
      const broken = replacing<LogJournal>(journal, { log: logOf, ...faults.journal?.(journal) })
      journals.set(broken, journal)
      return broken
    },
    crash: journal => journals.get(journal)?.crash(),
  }
  return replacing(place, faults.place?.(place) ?? {})
}

async function collect(log: LogStore, from: number, options?: LogReadOptions): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  for await (const batch of log.read(from, options)) found.push(...batch)
  return found
}

/** Changes each entry that is read. */
function reading(change: (entry: LogEntry) => LogEntry): (log: LogStore) => object {
  return log => ({
    async *read(from: number, options: LogReadOptions) {
      for await (const batch of log.read(from, options)) yield batch.map(change)
    },
  })
}

export const faults = {
  startsAtZero: { log: () => ({ firstIndex: 0 }) },
  showsLate: {
    log: log => ({
      get lastIndex() {
        return log.durableIndex
      },
    }),
  },
  repeatsLsns: { log: log => ({ append: (data: Uint8Array, term: number) => ({ ...log.append(data, term), lsn: 1 }) }) },
  beginsATermWithEachEntry: { log: log => ({ append: (data: Uint8Array, term = log.lastTerm + 1) => log.append(data, term) }) },
  takesPartsOfBatches: {
    log: log => ({
      appendBatch(batch: readonly Uint8Array[], term: number) {
        if (batch.length < 2) return log.appendBatch(batch, term)
        return batch.map(data => log.append(data, term)).at(-1)
      },
    }),
  },
  keepsTheCallersBytes: {
    log: log => {
      const given: Uint8Array[] = []
      const read = reading(entry => ({ ...entry, data: given[entry.index] ?? entry.data }))
      const append = (data: Uint8Array, term: number) => {
        given[log.lastIndex + 1] = data
        return log.append(data, term)
      }
      return { append, ...read(log) }
    },
  },
  givesOutItsOwnBytes: {
    log: log => {
      const known: LogEntry[] = []
      return reading(entry => {
        known[entry.index] ??= entry
        return known[entry.index] as LogEntry
      })(log)
    },
  },
  cutsLongEntries: { log: reading(entry => ({ ...entry, data: entry.data.subarray(0, 4096) })) },
  takesTooLongOnes: {
    log: log => ({ append: (data: Uint8Array, term: number) => log.append(data.subarray(0, 256 * 1024), term) }),
  },
  takesOldTerms: { log: log => ({ append: (data: Uint8Array, term: number) => log.append(data, Math.max(term, log.lastTerm)) }) },
  has32BitTerms: { log: reading(entry => ({ ...entry, term: entry.term >>> 0 })) },
  acknowledgesAtOnce: { log: () => ({ durable: async () => {} }), journal: () => ({ durable: async () => {} }) },
  endsWaitsOutOfOrder: {
    log: (log, journal) => ({
      async durable(lsn: number) {
        await log.durable(lsn)
        await journal.durable(journal.lastLsn)
        await new Promise(resolve => setImmediate(resolve))
      },
    }),
  },
  waitsForAnything: { journal: journal => ({ durable: (lsn: number) => journal.durable(Math.min(lsn, journal.lastLsn)) }) },
  takesAnyValue: {
    log: (log, journal) => ({
      setValue(name: string, value: Uint8Array) {
        try {
          return log.setValue(name, value)
        } catch {
          return journal.lastLsn
        }
      },
    }),
  },
  givesOutItsOwnValues: {
    log: log => {
      const values = new Map<string, Uint8Array | undefined>()
      return {
        setValue(name: string, value: Uint8Array) {
          values.delete(name)
          return log.setValue(name, value)
        },
        value(name: string) {
          if (!values.has(name)) values.set(name, log.value(name))
          return values.get(name)
        },
      }
    },
  },
  takesOldMarks: {
    log: (log, journal) => ({
      markSnapshot: (index: number, term: number) => (index < (log.snapshot?.index ?? 0) ? journal.lastLsn : log.markSnapshot(index, term)),
    }),
  },
  takesMarksOfAnyTerm: {
    log: log => ({ markSnapshot: (index: number, term: number) => log.markSnapshot(index, log.termAt(index) ?? term) }),
  },
  keepsMarksAboveResets: {
    log: log => {
      let marked: object | undefined
      return {
        reset(index: number, term: number) {
          marked = log.snapshot
          return log.reset(index, term)
        },
        get snapshot() {
          return log.snapshot ?? marked
        },
      }
    },
  },
  givesLargeBatches: {
    log: log => ({ read: (from: number, options: LogReadOptions = {}) => log.read(from, { ...options, maxBatchEntries: 1024 }) }),
  },
  ignoresTo: {
    log: log => ({
      read(from: number, { to, ...options }: LogReadOptions = {}) {
        return log.read(from, to !== undefined && to < from - 1 ? { to } : options)
      },
    }),
  },
  readsFromAnywhere: {
    log: log => ({
      read: (from: number, options?: LogReadOptions) => log.read(Math.min(from, log.lastIndex + 1), options),
    }),
  },
  readsOneTooEarly: {
    log: log => ({ entry: async (index: number) => ({ index, term: log.lastTerm, data: new TextEncoder().encode(`entry ${index}`) }) }),
  },
  showsWhatIsNotDurable: {
    log: log => ({
      async *read(from: number) {
        const data = new Uint8Array(1)
        yield Array.from({ length: log.lastIndex - from + 1 }, (_, i) => ({ index: from + i, term: 1, data }))
      },
    }),
  },
  endsFollowers: {
    log: log => ({ read: (from: number, options: LogReadOptions = {}) => log.read(from, { ...options, follow: false }) }),
  },
  waitsInSpiteOfSignals: { log: log => ({ durable: (lsn: number) => log.durable(lsn) }) },
  readsInSpiteOfSignals: {
    log: log => ({
      read(from: number, { signal, ...options }: LogReadOptions = {}) {
        return log.read(from, options.follow === true && signal !== undefined ? { ...options, signal } : options)
      },
    }),
  },
  neverTakesDurableBack: {
    log: log => {
      let most = 0
      return {
        get durableIndex() {
          most = Math.max(most, log.durableIndex)
          return most
        },
      }
    },
  },
  countsReplacedAsDurable: {
    log: log => {
      let appended = 0
      return {
        append(data: Uint8Array, term: number) {
          appended = Math.max(appended, log.lastIndex + 1)
          return log.append(data, term)
        },
        get durableIndex() {
          return log.durableIndex === log.lastIndex ? appended : log.durableIndex
        },
      }
    },
  },
  showsWhatWasReplaced: {
    log: log => {
      const known: LogEntry[] = []
      return {
        append(data: Uint8Array, term: number) {
          known[log.lastIndex + 1] ??= { index: log.lastIndex + 1, term, data: data.slice() }
          return log.append(data, term)
        },
        ...reading(entry => known[entry.index] ?? entry)(log),
      }
    },
  },
  hidesConflictsFromReaders: {
    log: log => ({
      async *read(from: number, { follow: _, ...options }: LogReadOptions = {}) {
        for (let next = from; ; ) {
          const batch = (await log.read(next, options)[Symbol.asyncIterator]().next()).value as LogEntry[] | undefined
          if (batch === undefined) return
          yield batch
          next += batch.length
        }
      },
    }),
  },
  removesTooLittle: { log: log => ({ truncateBefore: (index: number) => log.truncateBefore(Math.max(index - 1, 0)) }) },
  readsAhead: {
    log: log => ({
      async *read(from: number, options: LogReadOptions = {}) {
        if (options.maxBatchEntries !== 1) yield* log.read(from, options)
        else for (const entry of await collect(log, from)) yield [entry]
      },
    }),
  },
  recordsNothing: {
    log: log => ({
      truncateBefore: (index: number) => (index <= log.firstIndex ? log.setValue('nothing', new Uint8Array(0)) : log.truncateBefore(index)),
    }),
  },
  hidesResetsFromReaders: {
    log: log => ({
      async *read(from: number, options: LogReadOptions = {}) {
        if (options.maxBatchEntries !== 8) yield* log.read(from, options)
        else for (const entry of await collect(log, from)) yield [entry]
      },
    }),
  },
  keepsLostTerms: {
    log: log => ({
      reset: (index: number, term: number) => log.reset(index, log.lastIndex < log.firstIndex ? term : Math.max(term, log.lastTerm)),
    }),
  },
  resetsTooFar: { log: log => ({ reset: (index: number, term: number) => log.reset(index + 1, term) }) },
  forgetsValues: {
    log: (log, journal) => {
      const values = new Map<string, Uint8Array>()
      return {
        setValue(name: string, value: Uint8Array) {
          if (value.length > 0) values.set(name, value)
          else values.delete(name)
          return journal.lastLsn
        },
        value: (name: string) => values.get(name) ?? log.value('none'),
      }
    },
  },
  losesAtClose: {
    log: () => ({ durable: async () => {} }),
    journal: journal => ({ durable: async () => {}, close: async () => journal.crash() }),
  },
  breaksWaitsAtClose: { journal: journal => ({ close: async () => journal.crash() }) },
  takesEntriesAfterClose: {
    log: (log, journal) => ({
      append: (data: Uint8Array, term: number) =>
        journal.failure === undefined ? log.append(data, term) : { index: log.lastIndex + 1, lsn: journal.lastLsn + 1 },
    }),
  },
  hasRoomAfterClose: { log: () => ({ room: async () => {} }) },
  hidesItsFailure: { journal: () => ({ failure: undefined }) },
  waitsForRoomInSpiteOfSignals: { journal: () => ({ room: async () => {} }) },
  letsOthersIn: {
    place: place => ({
      async open() {
        try {
          return await place.open()
        } catch {
          return openMemoryJournal()
        }
      },
    }),
  },
  losesDurable: {
    place: place => {
      let opened: LogPlace = place
      return {
        open: () => opened.open(),
        async crash(journal: LogJournal) {
          await opened.crash?.(journal)
          opened = brokenPlace({})
        },
      }
    },
  },
  keepsValuesOutOfOrder: (() => {
    const votes: Uint8Array[] = []
    return {
      log: log => ({
        setValue(name: string, value: Uint8Array) {
          votes[0] = value
          return log.setValue(name, value)
        },
        value: (name: string) => (name === 'vote' ? votes[0] : log.value(name)),
      }),
    } satisfies Faults
  })(),
  mixesLogs: { journal: journal => ({ log: (id: number) => journal.log(id >= 0 ? id % 4 : id) }) },
  countsLogsThatWereAskedFor: {
    journal: journal => {
      const asked = new Set<number>()
      return {
        log(id: number) {
          asked.add(id)
          return journal.log(id)
        },
        get logIds() {
          return [...asked].sort((a, b) => a - b)
        },
      }
    },
  },
  takesEntriesAfterADrop: {
    log: (log, journal) => ({
      append(data: Uint8Array, term: number) {
        try {
          return log.append(data, term)
        } catch (error) {
          if (!isDisruptorError(error, 'DX_LOG_DROPPED')) throw error
          return { index: 1, lsn: journal.lastLsn }
        }
      },
    }),
  },
} as const satisfies Record<string, Faults>
