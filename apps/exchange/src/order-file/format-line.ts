import type { OrderMessage } from './message.ts'

/** The most bytes that {@link formatLine} writes: two numbers below 2^53, two below 2^32, and what stands between. */
export const LONGEST_LINE = 64

const ZERO = 48
const COMMA = 44
const DOT = 46
const MINUS = 45
const LINE_FEED = 10
const NANOSECONDS = 1_000_000_000
const TEN_9 = 1_000_000_000

/**
 * Writes a message as a line of an order file, line feed included, into `target` from `offset`; returns where the line ends.
 *
 * `target` must have {@link LONGEST_LINE} bytes from there. What {@link parseLine} reads back is equal to the message. Nothing is allocated.
 */
export function formatLine(message: Readonly<OrderMessage>, target: Uint8Array, offset: number): number {
  const seconds = Math.floor(message.time / NANOSECONDS)
  let at = putWhole(seconds, target, offset)
  at = putFraction(message.time - seconds * NANOSECONDS, target, at)
  target[at++] = COMMA
  target[at++] = ZERO + message.type
  target[at++] = COMMA
  at = putWhole(message.id, target, at)
  target[at++] = COMMA
  at = putWhole(message.size, target, at)
  target[at++] = COMMA
  at = putWhole(message.price, target, at)
  target[at++] = COMMA
  if (message.side < 0) target[at++] = MINUS
  target[at++] = message.side === 0 ? ZERO : ZERO + 1
  target[at++] = LINE_FEED
  return at
}

function putWhole(value: number, target: Uint8Array, at: number): number {
  if (value < TEN_9) return putDigits(value, digitsOf(value), target, at)
  const upper = Math.floor(value / TEN_9)
  return putDigits(value - upper * TEN_9, 9, target, putDigits(upper, digitsOf(upper), target, at))
}

/** Nanoseconds as a decimal fraction without zeros at its end; nothing for 0. */
function putFraction(nanoseconds: number, target: Uint8Array, at: number): number {
  if (nanoseconds === 0) return at
  target[at] = DOT
  let end = putDigits(nanoseconds, 9, target, at + 1)
  while (target[end - 1] === ZERO) end--
  return end
}

/** Writes exactly `digits` digits of a value below 10^9. */
function putDigits(value: number, digits: number, target: Uint8Array, at: number): number {
  let rest = value | 0
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0
    target[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) digits++
  return digits
}
