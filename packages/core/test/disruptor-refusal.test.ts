import { isDisruptorError } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { type Handler, makeDisruptor, settle } from './disruptor-support.ts'
import { ticketOf } from './support.ts'

type Made = ReturnType<typeof makeDisruptor>

const kinds = [{ producers: 'single' }, { producers: 'multi' }] as const
const failing: Handler = {
  onEvent() {
    throw new Error('disk full')
  },
}

/** What an attempt ended with: `CODE < CAUSE`. */
async function outcome(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    return error.cause instanceof Error ? `${error.code} < ${error.cause.message}` : error.code
  }
  return 'nothing thrown'
}

/** What every way to publish ends with, with a publisher of the run that is over. */
async function outcomes(disruptor: Made, publisher: ReturnType<Made['publisher']>): Promise<readonly string[]> {
  const found = new Set<string>()
  const attempts = [
    () => publisher.claim(),
    () => publisher.publish(ticketOf(1, 1)),
    () => publisher.flush(),
    () => publisher.ready(),
    () => disruptor.publisher(),
    () => disruptor.publishEvent(() => {}),
    () => disruptor.publishEvents(2, () => {}),
    () => disruptor.tryPublishEvent(() => {}),
    () => disruptor.tryPublishEvents(2, () => {}),
  ]
  for (const attempt of attempts) found.add(await outcome(attempt))
  return [...found]
}

describe.each(kinds)('every way to publish, with one or several producers: $producers', kind => {
  it('says after a failure that the ring was halted, and why', async () => {
    const disruptor = makeDisruptor(kind)
    disruptor.handleEventsWith(failing)
    await disruptor.start()
    const publisher = disruptor.publisher()
    publisher.publish(ticketOf(1, 1))
    await disruptor.closed.catch(() => {})
    expect(await outcomes(disruptor, publisher)).toEqual(['DX_RING_HALTED < disk full'])
    await disruptor.shutdown().catch(() => {})
    expect(await outcomes(disruptor, publisher)).toEqual(['DX_RING_HALTED < disk full'])
    await disruptor.close()
    expect(await outcomes(disruptor, publisher)).toEqual(['DX_CLOSED'])
  })

  it('says after a halt that it was halted, and after a shutdown that it is closed', async () => {
    const disruptor = makeDisruptor(kind)
    disruptor.handleEventsWith({ onEvent() {} })
    for (const [end, code] of [
      ['halt', 'DX_RING_HALTED'],
      ['shutdown', 'DX_CLOSED'],
      ['halt', 'DX_RING_HALTED'],
    ] as const) {
      await disruptor.start()
      const publisher = disruptor.publisher()
      publisher.publish(ticketOf(1, 1))
      await disruptor[end]()
      expect(await outcomes(disruptor, publisher)).toEqual([code])
    }
  })

  it('says why to who waits for room meanwhile', async () => {
    const disruptor = makeDisruptor({ ...kind, capacity: 4 })
    disruptor.handleEventsWith({
      async onEvent() {
        await settle()
        throw new Error('disk full')
      },
    })
    await disruptor.start()
    const publisher = disruptor.publisher()
    while (publisher.publish(ticketOf(1, 1)));
    expect(await outcome(() => publisher.ready())).toBe('DX_RING_HALTED < disk full')
  })
})
