import type { EventBatch, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { BatchProcessor } from '../src/processing/batch-processor.ts'
import { ignoreExceptionHandler } from '../src/processing/exception-handler.ts'
import { PoisonSet } from '../src/processing/poison-set.ts'
import { EventPoisonedError } from '../src/processing/processing-errors.ts'
import { RewindableError, simpleRewind } from '../src/processing/rewind.ts'
import { drain, settle, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const skip = ignoreExceptionHandler({ debug() {}, info() {}, warn() {}, error() {} })

/** Two stages over one ring, as far from each other as two threads: each has a poison set of its own over the same memory. */
function stages(tickets: TicketRing) {
  const poisonSet = PoisonSet.create(tickets.ring.capacity)
  const after = tickets.ring.addConsumer({ after: [tickets.consumer] })
  const seen: string[] = []
  const onEvent = (event: Ticket, _sequence: number, end: boolean) => void seen.push(`${event.number}${end ? '|' : ''}`)
  const second = (handler: { onEvent: typeof onEvent } | { onBatch(batch: EventBatch<Ticket>): void } = { onEvent }) =>
    new BatchProcessor({ ring: tickets.ring, consumer: after, handler, poisonSet: PoisonSet.attach(poisonSet.handle), maxBatch: 6 })
  return { poisonSet, seen, second, after }
}

describe('a poisoned event', () => {
  for (const initialSequence of [0, 2 ** 31 - 3, 2 ** 32 - 3])
    it(`is not seen by handlers that come after, from sequence ${initialSequence} on, and the last sound one ends the batch`, () => {
      for (const [bad, expected] of [
        [[], '0 1 2 3 4 5|'],
        [[0], '1 2 3 4 5|'],
        [[2, 3], '0 1 4 5|'],
        [[0, 2, 5], '1 3 4|'],
        [[4, 5], '0 1 2 3|'],
        [[0, 1, 2, 3, 4, 5], ''],
      ] as const) {
        const tickets = new TicketRing({ initialSequence, capacity: 8 })
        const { poisonSet, seen, second, after } = stages(tickets)
        const onEvent = (event: Ticket) => {
          if ((bad as readonly number[]).includes(event.number)) throw new EventPoisonedError('no seat')
        }
        const first = tickets.processor({ onEvent }, { poisonSet, maxBatch: 8 })
        const next = second()
        for (let round = 0; round < 3; round++) {
          tickets.publish(6)
          drain(first)
          drain(next)
          expect(seen.join(' ')).toBe(round === 0 ? expected : '6 7 8 9 10 11|'.replaceAll(/\d+/g, n => `${Number(n) + 6 * (round - 1)}`))
          seen.length = 0
        }
        expect(after.released() - initialSequence).toBe(17)
        expect(first.stats).toMatchObject({ poisoned: bad.length, skipped: bad.length, exceptions: 0, events: 18 })
        expect(next.stats).toMatchObject({ passedOver: bad.length, events: 18, batches: 3 })
      }
    })

  it('splits a batch for handlers of batches', () => {
    const tickets = new TicketRing()
    const { poisonSet, second } = stages(tickets)
    const batches: number[][] = []
    const next = second({ onBatch: batch => void batches.push([batch.first, batch.last]) })
    tickets.publish(6)
    for (const sequence of [0, 3]) poisonSet.add(sequence)
    tickets.consumer.available()
    tickets.consumer.advance(5)
    drain(next)
    expect(batches).toEqual([
      [1, 2],
      [4, 5],
    ])
    expect(next.stats).toMatchObject({ batches: 1, passedOver: 2 })
  })

  it('may be marked by the exception handler, by the handler itself, and for the rest of a batch', () => {
    const tickets = new TicketRing()
    const { poisonSet, seen, second } = stages(tickets)
    const exceptionHandler = { ...skip, handleEventException: () => 'poison' as const }
    let control: ProcessorControl | undefined
    const handler = {
      onStart: (given: ProcessorControl) => {
        control = given
      },
      onBatch(batch: EventBatch<Ticket>) {
        if (batch.first === 0) {
          control?.poison(1)
          expect(codeOf(() => control?.poison(3))).toBe('DX_SEQUENCE_RANGE')
          control?.release(0)
          expect(codeOf(() => control?.poison(0))).toBe('DX_SEQUENCE_RANGE')
        } else if (batch.first === 3) {
          control?.release(3)
          throw 'bad'
        } else throw new EventPoisonedError('all of it')
      },
    }
    const first = tickets.processor(handler, { poisonSet, exceptionHandler, maxBatch: 3 })
    tickets.publish(8)
    drain(first)
    drain(second())
    expect(seen.join(' ')).toBe('0 2 3|')
    expect(first.stats).toMatchObject({ poisoned: 1 + 2 + 2, exceptions: 1 })
  })

  it('is not handled again by the handler that marked it when its batch is rewound', () => {
    const tickets = new TicketRing()
    const { poisonSet } = stages(tickets)
    const seen: number[] = []
    const onEvent = (event: Ticket) => {
      seen.push(event.number)
      if (event.number === 1) throw new EventPoisonedError('no seat')
      if (event.number === 2 && seen.length < 5) throw new RewindableError('not yet')
    }
    drain(tickets.publish(3).processor({ onEvent }, { poisonSet, rewind: simpleRewind }))
    expect(seen).toEqual([0, 1, 2, 0, 2])
    expect(tickets.released).toBe(3)
  })

  it('may be marked by a rejection', async () => {
    const tickets = new TicketRing()
    const { poisonSet, seen, second } = stages(tickets)
    const onEvent = async (event: Ticket) => {
      if (event.number === 1) throw new EventPoisonedError('no seat')
    }
    tickets.publish(3).processor({ onEvent }, { poisonSet }).step()
    await settle()
    drain(second())
    expect(seen.join(' ')).toBe('0 2|')
  })

  it('is an error like any other where there is no set to mark it in', () => {
    const onEvent = () => {
      throw new EventPoisonedError('no seat')
    }
    expect(codeOf(() => new TicketRing().publish(1).processor({ onEvent }).step())).toBe('DX_EVENT_POISONED')
    const exceptionHandler = { ...skip, handleEventException: () => 'poison' as const }
    const processor = new TicketRing().publish(1).processor({ onEvent }, { exceptionHandler })
    expect(codeOf(() => processor.step())).toBe('DX_NO_POISON_SET')
    expect(processor.ended).toBe(true)
  })
})

describe('a poison set', () => {
  it('fits a ring of its capacity only, and is attached to what it was made for', () => {
    const set = PoisonSet.create(16)
    expect(codeOf(() => new TicketRing({ capacity: 8 }).processor({ onEvent() {} }, { poisonSet: set }))).toBe('DX_OPTION')
    expect(codeOf(() => PoisonSet.attach({ ...set.handle, capacity: 8 }))).toBe('DX_ATTACH')
    expect(codeOf(() => PoisonSet.attach({ memory: new SharedArrayBuffer(4096), capacity: 16 }))).toBe('DX_ATTACH')
    for (const capacity of [0, 3, 2 ** 27]) expect(codeOf(() => PoisonSet.create(capacity))).toBe('DX_OPTION')
  })

  it('tells one lap from the next, and says how far to look', () => {
    const set = PoisonSet.create(4)
    const other = PoisonSet.attach(set.handle)
    expect([other.mayHaveFrom(0), other.has(0)]).toEqual([false, false])
    set.add(2 ** 33 + 1)
    set.add(5)
    expect([other.mayHaveFrom(2 ** 33 + 1), other.mayHaveFrom(2 ** 33 + 2)]).toEqual([true, false])
    expect([other.has(5), other.has(1), other.has(9), other.has(2 ** 32 + 5)]).toEqual([true, false, false, false])
    set.add(9)
    expect([other.has(5), other.has(9)]).toEqual([false, true])
  })
})
