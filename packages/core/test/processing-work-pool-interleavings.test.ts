import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PoolWorker } from '../src/processing/pool-worker.ts'
import { WorkPool } from '../src/processing/work-pool.ts'
import { StructRing } from '../src/ring/struct-ring.ts'
import { ticket, ticketOf } from './support.ts'

afterEach(() => vi.restoreAllMocks())

const OPERATIONS = ['load', 'store', 'add', 'sub', 'compareExchange'] as const

/** Runs `action`, and `between` once before its atomic operation number `at`. Returns how many operations it had. */
function interrupted(at: number, action: () => void, between: () => void): number {
  let count = 0
  let inside = false
  for (const name of OPERATIONS) {
    const original = Atomics[name] as (...operands: unknown[]) => unknown
    vi.spyOn(Atomics, name).mockImplementation(((...operands: unknown[]) => {
      if (!inside && count++ === at) {
        inside = true
        between()
        inside = false
      }
      return original.apply(Atomics, operands)
    }) as never)
  }
  action()
  vi.restoreAllMocks()
  return count
}

/** A small ring that others lap while one worker stands still in the middle of something. */
function setUp(initialSequence: number) {
  const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', initialSequence })
  const { handle } = WorkPool.create({ ring })
  const producer = ring.producer()
  const handled: number[] = []
  let published = initialSequence
  const publishAll = () => {
    for (let sequence = producer.tryNext(1); sequence >= 0; sequence = producer.tryNext(1)) {
      ring.get(sequence).set(ticketOf(sequence, 1))
      producer.publish(sequence, sequence)
      published = sequence + 1
    }
  }
  const join = (claim: number): PoolWorker => WorkPool.attach(handle, StructRing.attach(ring.handle, ticket)).worker({ claim })
  /** What a worker has claimed. */
  const handle1 = (worker: PoolWorker, last: number) => {
    for (let sequence = worker.next; sequence <= last; sequence++) {
      expect(ring.get(sequence).number).toBe(sequence)
      handled.push(sequence)
    }
  }
  const work = (worker: PoolWorker) => {
    for (let last = worker.available(); last >= worker.next; last = worker.available()) {
      handle1(worker, last)
      worker.advance(last)
    }
  }
  const expectAll = () => {
    expect(handled.sort((a, b) => a - b)).toEqual(Array.from({ length: published - initialSequence }, (_, i) => initialSequence + i))
    expect(ring.remainingCapacity()).toBe(4)
  }
  /** What is handled without a gap is released, at once. */
  const expectReleased = () => {
    let due = initialSequence
    while (handled.includes(due)) due++
    expect(ring.remainingCapacity()).toBe(4 - (published - due))
  }
  return { publishAll, join, handle1, work, expectAll, expectReleased, published: () => published }
}

describe('a worker that is stopped between any two of its steps, while others go on and the ring goes round', () => {
  for (const initialSequence of [0, 2 ** 31 - 6, 2 ** 32 - 6])
    for (const claim of [1, 3])
      it(`gets what nobody else has, and holds up nothing for good: claims of ${claim}, from ${initialSequence} on`, () => {
        let operations = 1
        for (let at = 0; at < operations; at++) {
          const { publishAll, join, handle1, work, expectAll, expectReleased, published } = setUp(initialSequence)
          const stopped = join(claim)
          const others = [join(1), join(2)] as const
          const between = () => {
            for (let round = 0; round < 3; round++) {
              publishAll()
              work(others[round % 2 === 0 ? 0 : 1])
            }
          }
          publishAll()
          let last = -1
          const claiming = interrupted(
            at,
            () => {
              last = stopped.available()
            },
            between,
          )
          if (last >= stopped.next) {
            handle1(stopped, last)
            operations = Math.max(operations, claiming + interrupted(at - claiming, () => stopped.advance(last), between))
          } else operations = Math.max(operations, claiming)
          expectReleased()
          work(others[0])
          expectAll()
          publishAll()
          work(others[1])
          expectAll()
          expect(published() - initialSequence).toBeGreaterThan(7)
        }
        expect(operations).toBeGreaterThan(20)
      })

  it('never releases what another one has claimed meanwhile', () => {
    let operations = 1
    for (let at = 0; at < operations; at++) {
      const { publishAll, join, handle1, work, expectAll, expectReleased } = setUp(0)
      const stopped = join(2)
      const holder = join(1)
      publishAll()
      const first = stopped.available()
      handle1(stopped, first)
      let held = -1
      operations = interrupted(
        at,
        () => stopped.advance(first),
        () => {
          held = holder.available()
        },
      )
      publishAll()
      if (held >= holder.next) {
        handle1(holder, held)
        holder.advance(held)
      }
      expectReleased()
      work(stopped)
      expectAll()
    }
    expect(operations).toBeGreaterThan(20)
  })

  it('leaves its claim whole to another one, which may be stopped too', () => {
    let operations = 1
    for (let at = 0; at < operations; at++) {
      const { publishAll, join, handle1, work, expectAll } = setUp(0)
      const leaving = join(3)
      const heir = join(1)
      const other = join(1)
      publishAll()
      leaving.available()
      handle1(leaving, leaving.next)
      leaving.advance(leaving.next)
      const between = () => {
        publishAll()
        work(other)
      }
      const closing = interrupted(at, () => leaving.close(), between)
      let last = -1
      const adopting = interrupted(
        at - closing,
        () => {
          last = heir.available()
        },
        between,
      )
      if (last >= heir.next) {
        handle1(heir, last)
        heir.advance(last)
      }
      work(other)
      work(heir)
      expectAll()
      operations = Math.max(operations, closing + adopting)
    }
    expect(operations).toBeGreaterThan(20)
  })
})
