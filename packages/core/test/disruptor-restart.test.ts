import { WorkerGroup, workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { makeDisruptor } from './disruptor-support.ts'
import { codeOfAsync } from './support.ts'

const idle = `data:text/javascript,${encodeURIComponent('export const idle = { onEvent() {} }')}`

describe('a disruptor that is started again as soon as it has stopped', () => {
  it('is not stopped by the start that the stop had interrupted', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    const interrupted = codeOfAsync(disruptor.start())
    await disruptor.halt()
    await disruptor.start()
    expect([await interrupted, disruptor.state, disruptor.failure]).toEqual(['DX_START_INTERRUPTED', 'running', undefined])
    await disruptor.close()
  })

  it('does not start what was being added when it was stopped', async () => {
    const workers = new WorkerGroup()
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    await disruptor.start()
    const adding = codeOfAsync(disruptor.add({ handlers: [workerHandler(idle, 'idle', { workers })] }))
    await Promise.resolve()
    await disruptor.halt()
    await disruptor.start()
    expect(await adding).toBe('DX_START_INTERRUPTED')
    expect(disruptor.describe().nodes.map(({ name }) => name)).toEqual(['handler'])
    await disruptor.close()
    // Its worker has run it to its end, and waits for the next handler.
    expect([workers.size, workers.idle]).toEqual([1, 1])
    await workers.close()
  })
})
