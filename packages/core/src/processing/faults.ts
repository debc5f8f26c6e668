import { isDisruptorError, OptionError, type Sequence } from '@disruptorx/contracts'
import { oneOf } from '@disruptorx/contracts/internal'
import type { EventResponse, ExceptionHandler } from './exception-handler.ts'
import type { PoisonSet } from './poison-set.ts'
import { NoPoisonSetError } from './processing-errors.ts'
import type { ProcessorStats } from './processor-stats.ts'
import { MOST_PAUSE_MS, type RewindableError, type RewindStrategy } from './rewind.ts'

const RESPONSES = ['skip', 'poison', 'retry', 'halt'] as const

/** What a processor does about errors of its handler: it asks, checks what it is told, and counts. */
export class Faults<E> {
  readonly #exceptionHandler: ExceptionHandler<E>
  readonly #rewind: RewindStrategy | undefined
  readonly #poisonSet: PoisonSet | undefined
  readonly #stats: ProcessorStats
  /** How often the batch in hand was thrown back. */
  #rewinds = 0
  /** The event that failed last, and how often. */
  #failedAt: Sequence = -1
  #attempt = 0

  constructor(
    exceptionHandler: ExceptionHandler<E>,
    rewind: RewindStrategy | undefined,
    poisonSet: PoisonSet | undefined,
    stats: ProcessorStats,
  ) {
    this.#exceptionHandler = exceptionHandler
    this.#rewind = rewind
    this.#poisonSet = poisonSet
    this.#stats = stats
  }

  /** The batch in hand was dealt with. */
  batchDone(): void {
    this.#rewinds = 0
  }

  /** How long to wait before the batch is handed over again, in milliseconds; -1 where it is not. @throws {OptionError} the strategy says neither */
  pauseBeforeRewind(error: unknown): number {
    if (this.#rewind === undefined || !isDisruptorError(error, 'DX_REWINDABLE')) return -1
    const action = this.#rewind.onRewind(error as RewindableError, ++this.#rewinds)
    if (action === 'throw') {
      this.#rewinds = 0
      return -1
    }
    if (!(action >= 0 && action <= MOST_PAUSE_MS))
      throw new OptionError('rewind', action, `a strategy that answers 'throw' or a number from 0 to ${MOST_PAUSE_MS}`)
    this.#stats.rewinds++
    return action
  }

  /** What to do about an event that failed, once poisoned ones are marked. @throws what the exception handler throws */
  answer(error: unknown, sequence: Sequence, last: Sequence, event: E | undefined): EventResponse {
    const isPoison = this.#poisonSet !== undefined && isDisruptorError(error, 'DX_EVENT_POISONED')
    const answer = isPoison ? 'poison' : this.#ask(error, sequence, last, event)
    if (answer === 'poison') for (let poisoned = sequence; poisoned <= last; poisoned++) this.poison(poisoned)
    if (answer !== 'halt' && answer !== 'retry') this.#stats.skipped += last - sequence + 1
    return answer
  }

  /** Marks an event. @throws {NoPoisonSetError} */
  poison(sequence: Sequence): void {
    if (this.#poisonSet === undefined) throw new NoPoisonSetError(sequence)
    this.#poisonSet.add(sequence)
    this.#stats.poisoned++
  }

  #ask(error: unknown, sequence: Sequence, last: Sequence, event: E | undefined): EventResponse {
    this.#stats.exceptions++
    this.#attempt = sequence === this.#failedAt ? this.#attempt + 1 : 1
    this.#failedAt = sequence
    const answer = this.#exceptionHandler.handleEventException(error, sequence, event, { attempt: this.#attempt, last })
    return oneOf('the answer of handleEventException', answer, RESPONSES)
  }

  /** A hook between events failed. Throws where that ends the processor: the error, or what the exception handler throws. */
  hookFailed(error: unknown, sequence: Sequence): void {
    this.#stats.exceptions++
    const answer = this.#exceptionHandler.handleEventException(error, sequence, undefined, { attempt: 1, last: sequence })
    if (oneOf('the answer of handleEventException', answer, RESPONSES) === 'halt') throw error
  }

  /** @throws what the exception handler throws */
  startFailed(error: unknown): void {
    this.#stats.exceptions++
    this.#exceptionHandler.handleOnStartException(error)
  }

  /** @throws what the exception handler throws */
  shutdownFailed(error: unknown): void {
    this.#stats.exceptions++
    this.#exceptionHandler.handleOnShutdownException(error)
  }
}
