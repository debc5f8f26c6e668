import { isDisruptorError } from '@disruptorx/contracts'
import { struct } from '@disruptorx/core'

/** The code of the error that `action` throws, or a sentence. */
export function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
  return 'nothing thrown'
}

/** The code of the error that `promise` rejects with, or a sentence. */
export async function codeOfAsync(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
  return 'nothing thrown'
}

/** An event that shows where it came from and whether it is whole. */
export const ticket = struct({ number: 'u53', producer: 'u32', square: 'u32', check: 'u53' })

export interface Ticket {
  readonly number: number
  readonly producer: number
  readonly square: number
  readonly check: number
}

/** Event `number` of a producer: every field follows from these two. */
export function ticketOf(number: number, producer: number): Ticket {
  return { number, producer, square: Math.imul(number, number) >>> 0, check: number * 3 + producer }
}

/** Says what is wrong with an event. */
export function damageOf(event: Ticket, number: number): string | undefined {
  if (event.number !== number) return `event ${event.number} of producer ${event.producer} where ${number} was due`
  const { square, check } = ticketOf(number, event.producer)
  return event.square === square && event.check === check ? undefined : `event ${number} of producer ${event.producer} is damaged`
}
