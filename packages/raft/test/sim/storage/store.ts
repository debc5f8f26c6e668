import type { SimulatedProcess } from '@disruptorx/testkit'
import { type Entry, type HardState, MemoryLog, type Snapshot } from '../../../src/index.ts'

/** Something to be saved. */
export interface Write {
  readonly snapshot?: Snapshot | undefined
  readonly entries?: readonly Entry[]
  readonly hardState?: HardState | undefined
  /** A snapshot that the member made itself, and up to where its log is freed. */
  readonly compaction?: { readonly snapshot: Snapshot; readonly upTo: number }
}

/** What one life of a member writes to. */
export interface Storage {
  /** What is durable: shows a write just before its `done` is called. */
  readonly durable: MemoryLog
  /** Saves something, after all earlier writes. Without `done` nobody waits for it: it may stay where it is until there is one for which somebody does. */
  write(write: Write, done?: () => void): void
}

/** Who is told what came of a store. */
export interface StoreEvents {
  opened(storage: Storage): void
  /** It could not be opened, or has failed: this life of the member is over. */
  failed(error: unknown): void
}

/** What a member keeps beyond the lives of its process. */
export interface Store {
  /** What is durable, as far as anybody was told. */
  readonly durable: MemoryLog
  /** Begins a life: finds what earlier ones left. */
  open(process: SimulatedProcess, events: StoreEvents): void
}

/** Carries out a write that has become durable. */
export function saveTo(log: MemoryLog, { snapshot, entries, hardState, compaction }: Write): void {
  if (snapshot !== undefined) log.applySnapshot(snapshot)
  if (entries !== undefined) log.append(entries)
  if (hardState !== undefined) log.setHardState(hardState)
  if (compaction === undefined || log.term(compaction.snapshot.index) !== compaction.snapshot.term) return
  log.createSnapshot(compaction.snapshot.index, compaction.snapshot.confState, compaction.snapshot.data)
  log.compact(compaction.upTo)
}

/** A log of its own with what another one holds. */
export function copyOf(log: MemoryLog): MemoryLog {
  const copy = new MemoryLog(log.snapshot())
  const from = log.firstIndex
  if (log.lastIndex >= from && from > copy.lastIndex) copy.append(log.entries(from, log.lastIndex + 1, Number.POSITIVE_INFINITY))
  else if (log.lastIndex > copy.lastIndex) copy.append(log.entries(copy.lastIndex + 1, log.lastIndex + 1, Number.POSITIVE_INFINITY))
  return copy
}
