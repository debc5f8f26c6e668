import { MessageType, type OrderMessage } from './message.ts'

const ZERO = 48
const FIVE = 53
const NINE = 57
const COMMA = 44
const DOT = 46
const MINUS = 45
const RETURN = 13
const NANOSECONDS = 1_000_000_000
/** Values of a power of ten for a fraction of 0 to 9 digits. */
const FRACTION_UNIT = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1]
const MOST_U32 = 4_294_967_295
/** What {@link whole} says of a text that is no such number. */
const NONE = -1

/**
 * Reads one line of an order file, `time,type,id,size,price,direction`, from `bytes` at `start` up to, not including, `end`.
 *
 * `end` is where the line feed is, or the end of the file; a carriage return before it is let pass. Returns whether the line is a message: six
 * columns; type 1, 2, 3, 4, 5 or 7; time in decimal seconds, of which nine places count; id from 0 to 2^53 - 1; size and price whole, from 1 to 2^32 - 1;
 * direction 1 or -1. A halt (7) has any whole numbers, negative ones too, in its last four columns; those its field cannot hold are 0.
 * If it is no message, `into` holds nothing of use. Nothing is allocated.
 */
// Hot: benchmark `book/parsedLinesPerSecond`.
export function parseLine(bytes: Uint8Array, start: number, end: number, into: OrderMessage): boolean {
  const stop = end > start && bytes[end - 1] === RETURN ? end - 1 : end
  const typeAt = comma(bytes, start, stop) + 1
  const idAt = comma(bytes, typeAt, stop) + 1
  const sizeAt = comma(bytes, idAt, stop) + 1
  const priceAt = comma(bytes, sizeAt, stop) + 1
  const sideAt = comma(bytes, priceAt, stop) + 1
  if (sideAt > stop || comma(bytes, sideAt, stop) !== stop) return false

  const time = nanoseconds(bytes, start, typeAt - 1)
  if (time === NONE || idAt - typeAt !== 2) return false
  into.time = time
  const type = (bytes[typeAt] as number) - ZERO
  if (type === MessageType.halt) {
    into.type = type
    return parseHalt(bytes, idAt, sizeAt, priceAt, sideAt, stop, into)
  }
  if (type < MessageType.submit || type > MessageType.hidden) return false
  into.type = type as MessageType

  const id = whole(bytes, idAt, sizeAt - 1)
  const size = whole(bytes, sizeAt, priceAt - 1)
  const price = whole(bytes, priceAt, sideAt - 1)
  const side = direction(bytes, sideAt, stop)
  into.id = id
  into.size = size
  into.price = price
  into.side = side
  return id !== NONE && size > 0 && size <= MOST_U32 && price > 0 && price <= MOST_U32 && side !== 0
}

function parseHalt(
  bytes: Uint8Array,
  idAt: number,
  sizeAt: number,
  priceAt: number,
  sideAt: number,
  stop: number,
  into: OrderMessage,
): boolean {
  if (!isInteger(bytes, idAt, sizeAt - 1) || !isInteger(bytes, sizeAt, priceAt - 1)) return false
  if (!isInteger(bytes, priceAt, sideAt - 1) || !isInteger(bytes, sideAt, stop)) return false
  into.id = Math.max(0, whole(bytes, idAt, sizeAt - 1))
  const size = whole(bytes, sizeAt, priceAt - 1)
  into.size = size > 0 && size <= MOST_U32 ? size : 0
  const price = whole(bytes, priceAt, sideAt - 1)
  into.price = price > 0 && price <= MOST_U32 ? price : 0
  into.side = direction(bytes, sideAt, stop)
  return true
}

/** The place of the next comma, or `stop`; a start behind `stop` is handed through, so that a missing column stays missing. */
function comma(bytes: Uint8Array, from: number, stop: number): number {
  let at = from
  while (at < stop && bytes[at] !== COMMA) at++
  return at
}

/** A whole number from 0 to 2^53 - 1, or NONE. */
function whole(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return NONE
  let value = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (!isDigit(byte)) return NONE
    // Exact while below 2^53, and a product that reaches it is even and below 2^57: rounding never brings it back.
    value = value * 10 + (byte - ZERO)
    if (value > Number.MAX_SAFE_INTEGER) return NONE
  }
  return value
}

/**
 * Decimal seconds as whole nanoseconds below 2^53, or NONE. Integers only: no place is lost to a binary fraction. What is finer than a nanosecond is
 * rounded, because real files have a few times that went through one: `35821.088778456004`.
 */
function nanoseconds(bytes: Uint8Array, start: number, end: number): number {
  let dot = start
  while (dot < end && bytes[dot] !== DOT) dot++
  const seconds = whole(bytes, start, dot)
  if (seconds === NONE || seconds > Number.MAX_SAFE_INTEGER / NANOSECONDS) return NONE
  if (dot === end) return seconds * NANOSECONDS
  const first = dot + 1
  const fine = Math.min(end, first + 9)
  const fraction = whole(bytes, first, fine)
  if (fraction === NONE) return NONE
  for (let at = fine; at < end; at++) if (!isDigit(bytes[at] as number)) return NONE
  const rounding = fine < end && (bytes[fine] as number) >= FIVE ? 1 : 0
  const time = seconds * NANOSECONDS + fraction * (FRACTION_UNIT[fine - first] as number) + rounding
  return time <= Number.MAX_SAFE_INTEGER ? time : NONE
}

/** 1 for `1`, -1 for `-1`, 0 for all else. */
function direction(bytes: Uint8Array, start: number, end: number): number {
  const digits = bytes[start] === MINUS ? start + 1 : start
  if (end - digits !== 1 || bytes[digits] !== ZERO + 1) return 0
  return digits === start ? 1 : -1
}

/** Whether it is a whole number of any length, with or without a minus. */
function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === MINUS ? start + 1 : start
  if (at >= end) return false
  for (; at < end; at++) if (!isDigit(bytes[at] as number)) return false
  return true
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
