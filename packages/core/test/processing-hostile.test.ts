import type { ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import type { BatchProcessor } from '../src/processing/batch-processor.ts'
import { eventBatches } from '../src/processing/event-batches.ts'
import { ignoreExceptionHandler } from '../src/processing/exception-handler.ts'
import { PoisonSet } from '../src/processing/poison-set.ts'
import { drain, ManualClock, settle, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const skip = ignoreExceptionHandler({ debug() {}, info() {}, warn() {}, error() {} })

describe('a handler that does what it should not', () => {
  it('is told when it would wait for room that only it can make, as by any other error', () => {
    const tickets = new TicketRing({ capacity: 4 }).publish(4)
    const codes: string[] = []
    const producer = tickets.ring.producer()
    const processor = tickets.processor({ onEvent: () => codes.push(codeOf(() => producer.next(1))) }, { maxBatch: 4 })
    processor.step()
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'DX_WOULD_DEADLOCK'))
    expect(codeOf(() => producer.next(1))).toBe('nothing thrown')
  })

  it('cannot release or poison anything once its processor has ended', () => {
    for (const end of ['throw', 'halt', 'close'] as const) {
      const tickets = new TicketRing().publish(4)
      let control: ProcessorControl | undefined
      const processor = tickets.processor(
        {
          onStart(given) {
            control = given
          },
          onEvent(event) {
            if (event.number === 1 && end === 'throw') throw new Error('bad')
          },
        },
        { poisonSet: PoisonSet.create(16) },
      )
      if (end === 'throw') expect(() => processor.step()).toThrow('bad')
      else {
        processor.step()
        processor[end]()
      }
      const released = tickets.released
      expect([codeOf(() => control?.release(3)), codeOf(() => control?.poison(3))]).toEqual(
        end === 'throw' ? ['DX_SEQUENCE_RANGE', 'DX_SEQUENCE_RANGE'] : ['nothing thrown', 'DX_SEQUENCE_RANGE'],
      )
      expect(tickets.released).toBe(released)
    }
  })

  it('may halt, close and step its processor in every hook, and each hook is called once', async () => {
    for (const hook of ['onStart', 'onBatchStart', 'onEvent', 'onTimeout', 'onShutdown'])
      for (const action of ['halt', 'close', 'step', 'closeAsync'] as const)
        for (const isAsync of [false, true]) {
          const tickets = new TicketRing()
          const clock = new ManualClock()
          const calls: string[] = []
          const processor: BatchProcessor<Ticket> = tickets.processor(
            Object.fromEntries(
              ['onStart', 'onBatchStart', 'onEvent', 'onTimeout', 'onShutdown'].map(name => [
                name,
                () => {
                  calls.push(name)
                  if (name === hook) void processor[action]()
                  return isAsync ? Promise.resolve() : undefined
                },
              ]),
            ) as never,
            { clock, timeoutMs: 5, maxBatch: 2 },
          )
          for (let turn = 0; turn < 6; turn++) {
            if (turn === 1) tickets.publish(2)
            processor.step()
            await settle()
            clock.advance(5)
          }
          await processor.closeAsync()
          const context = `${action} in ${hook}, ${isAsync ? 'async' : 'sync'}`
          const count = (name: string) => calls.filter(call => call === name).length
          expect([count('onStart'), count('onShutdown'), processor.ended], context).toEqual([1, 1, true])
          expect(calls.at(-1), context).toBe('onShutdown')
          expect(count('onEvent'), context).toBeLessThanOrEqual(2)
          if (action === 'step' || hook === 'onShutdown') expect(tickets.released, context).toBe(2)
        }
  })

  it('may publish in onTimeout and in a promise, and gets what it published', async () => {
    const tickets = new TicketRing()
    const clock = new ManualClock()
    const seen: number[] = []
    const onEvent = async (event: Ticket) => {
      seen.push(event.number)
      await settle()
      if (event.number < 3) tickets.publish(1)
    }
    const processor = tickets.processor({ onEvent, onTimeout: () => void tickets.publish(1) }, { clock, timeoutMs: 5 })
    processor.step()
    clock.advance(5)
    processor.step()
    for (let turn = 0; turn < 12; turn++) {
      processor.step()
      await settle()
    }
    expect([seen, tickets.released]).toEqual([[0, 1, 2, 3], 4])
  })

  it('may be one whose every call fails, in any way: nothing is lost but what fails', async () => {
    for (const how of ['throw', 'reject'] as const) {
      const tickets = new TicketRing()
      const clock = new ManualClock()
      const fail = () => {
        if (how === 'throw') throw undefined
        return Promise.reject(undefined)
      }
      const sync = () => {
        throw undefined
      }
      const handler = { onStart: fail, onBatchStart: sync, onEvent: fail, onTimeout: sync, onShutdown: fail }
      const processor = tickets.processor(handler, { exceptionHandler: skip, clock, timeoutMs: 5 })
      processor.step()
      await settle()
      tickets.publish(3)
      for (let turn = 0; turn < 6; turn++) {
        processor.step()
        await settle()
        clock.advance(6)
      }
      await processor.closeAsync()
      expect([how, tickets.released, processor.stats.skipped]).toEqual([how, 3, 3])
      expect(processor.stats.exceptions).toBe(1 + 1 + 3 + processor.stats.timeouts + 1)
    }
  })

  it('is refused with an exception handler, a rewind strategy or a batch size that is none', () => {
    const tickets = new TicketRing()
    const bad = {
      exceptionHandler: [{}, null, { handleEventException() {} }],
      rewind: [{}, null],
      batchSize: [{}, null, { next: () => 1 }],
    }
    for (const [option, values] of Object.entries(bad))
      for (const value of values) expect(codeOf(() => tickets.processor({ onEvent() {} }, { [option]: value }))).toBe('DX_OPTION')
  })

  it('ends its processor when what chooses its batches fails', () => {
    for (const failing of ['next', 'record']) {
      const tickets = new TicketRing().publish(2)
      const call = (name: string) => () => {
        if (name === failing) throw new Error(failing)
        return 1
      }
      const processor = tickets.processor({ onEvent() {} }, { batchSize: { next: call('next'), record: call('record') } })
      expect(() => processor.step()).toThrow(failing)
      expect([processor.ended, tickets.released]).toEqual([true, failing === 'next' ? 0 : 1])
      processor.close()
    }
  })
})

describe('sequences beyond 32 bits', () => {
  for (const initialSequence of [2 ** 31 - 2, 2 ** 32 - 2, 2 ** 40 - 2])
    it(`make no difference to a handler that returns promises, nor to a loop over batches: ${initialSequence}`, async () => {
      const tickets = new TicketRing({ initialSequence, capacity: 4 })
      const sequences: number[] = []
      const processor = tickets.processor({ onEvent: async (_event, sequence) => void sequences.push(sequence - initialSequence) })
      const loop = eventBatches(tickets.ring)
      const looped: number[] = []
      for (let round = 0; round < 4; round++) {
        tickets.publish(2)
        for (let turn = 0; turn < 3; turn++) {
          processor.step()
          await settle()
        }
        for (let left = 2; left > 0; ) {
          const { value } = await loop.next()
          for (const event of value ?? []) looped.push(event.number)
          left -= value?.length ?? 0
        }
      }
      await loop.return?.()
      expect([sequences, looped]).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 4, 5, 6, 7],
      ])
      expect(drain(processor)).toBe(Number.POSITIVE_INFINITY)
    })
})
