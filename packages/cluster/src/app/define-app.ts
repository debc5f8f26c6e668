import type { Random } from '@disruptorx/contracts'
import { nonEmptyText, wholeNumber } from '@disruptorx/contracts/internal'
import type { ReadonlyView, ValueLayout } from '@disruptorx/layout'
import { AppError } from '../errors.ts'

/** One kind of event: its number on disk, its bytes, and the key that decides where it belongs. */
export interface EventDefinition<T extends object> {
  /** Names the event in the log for ever: 1 to 65,535, different for each event. */
  readonly type: number
  /** The event's bytes, made by `struct()`. */
  readonly layout: ValueLayout<T>
  /** The key that events must be in order by. Not used while there is one partition. */
  key?(event: T): number
}

/** What `apply` may know of the world: the same on every replica, and in every replay. */
export interface ApplyContext {
  /** The log's time: milliseconds since 1970, stamped when the event was taken in. Never goes back. */
  readonly now: number
  /** Chance, seeded by the event's place in the log. */
  readonly random: Random
  /** The entry that holds the event. */
  readonly index: number
  /** The event's place in its entry, from 0. */
  readonly ordinal: number
}

/** Takes the bytes of a snapshot, piece by piece. */
export interface SnapshotWriter {
  /** Copies `bytes` before it returns. At most 1 GiB in all. */
  write(bytes: Uint8Array): void
}

/** Gives the bytes of a snapshot back in the order in which they were written, in pieces of any size. */
export interface SnapshotReader {
  /** Fills `target` wholly. @throws {SnapshotError} when fewer bytes are left */
  read(target: Uint8Array): void
}

/**
 * An application: a deterministic state machine over events.
 *
 * The same events in the same order must give the same state on every machine, so `apply` reads no clock, draws no random number
 * and does no I/O: it has its {@link ApplyContext}. A refusal is a result. Anything that `apply` throws halts the partition, because
 * skipping an event on one replica and not on another would make two truths of one.
 */
export interface App<
  State,
  Values extends Record<string, object>,
  Replies extends Record<keyof Values, unknown>,
  Args extends Record<string, unknown>,
  Answers extends Record<keyof Args, unknown>,
> {
  /** `import.meta.url` of the module whose default export this is: threads load the application from there. */
  readonly url: string
  /** Names the application in its data: 1 to 64 characters. */
  readonly name: string
  /** Grows with every change of what an event does: 1 to 2^31 - 1. */
  readonly version: number
  /** The events by name. */
  readonly events: { readonly [Name in keyof Values]: EventDefinition<Values[Name]> }
  /** Makes the state before the first event. */
  state(): State
  /** What each event does. What it returns is the reply: anything that msgpack can carry, up to 64 KiB. */
  readonly apply: {
    readonly [Name in keyof Values & keyof Replies]: (state: State, event: ReadonlyView<Values[Name]>, ctx: ApplyContext) => Replies[Name]
  }
  /** Questions that change nothing. Their answers are anything that msgpack can carry, up to 256 KiB. */
  readonly query?: { readonly [Name in keyof Args & keyof Answers]: (state: State, args: Args[Name]) => Answers[Name] }
  /** How the state survives. Written at once on the handler's thread, saved beside continuing work. */
  readonly snapshot: {
    write(state: State, out: SnapshotWriter): void
    read(input: SnapshotReader): State
  }
}

/**
 * Checks an application and gives it its types.
 *
 * @throws {AppError} when an event lacks its `apply`, two events share a number, or the like
 */
export function defineApp<
  State,
  Values extends Record<string, object>,
  Replies extends Record<keyof Values, unknown>,
  Args extends Record<string, unknown>,
  Answers extends Record<keyof Args, unknown>,
>(app: App<State, Values, Replies, Args, Answers>): App<State, Values, Replies, Args, Answers> {
  nonEmptyText('app.url', app.url)
  if (nonEmptyText('app.name', app.name).length > 64) throw new AppError(app.name, 'its name has more than 64 characters')
  wholeNumber('app.version', app.version, 1, 2 ** 31 - 1)
  const names = new Map<number, string>()
  for (const [name, event] of Object.entries<EventDefinition<object>>(app.events)) {
    wholeNumber(`app.events.${name}.type`, event.type, 1, 65_535)
    const other = names.get(event.type)
    if (other !== undefined) throw new AppError(app.name, `events ${other} and ${name} have the same type number ${event.type}`)
    names.set(event.type, name)
    if (typeof (app.apply as Record<string, unknown>)[name] !== 'function')
      throw new AppError(app.name, `event ${name} has no apply.${name}: nothing says what it does`)
  }
  if (names.size === 0) throw new AppError(app.name, 'it has no events')
  for (const name of Object.keys(app.apply))
    if (!Object.hasOwn(app.events, name)) throw new AppError(app.name, `apply.${name} is of no event in events`)
  return Object.freeze({ ...app })
}

/** An application of whatever types: what the machinery runs. */
export interface AnyApp {
  readonly url: string
  readonly name: string
  readonly version: number
  readonly events: Readonly<Record<string, EventDefinition<object>>>
  state(): unknown
  readonly apply: Readonly<Record<string, (state: never, event: never, ctx: ApplyContext) => unknown>>
  readonly query?: Readonly<Record<string, (state: never, args: never) => unknown>>
  readonly snapshot: {
    write(state: never, out: SnapshotWriter): void
    read(input: SnapshotReader): unknown
  }
}
