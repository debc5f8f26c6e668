import type { Transport } from '@disruptorx/contracts'
import { ECHO, EVENT, EVENT_BYTES } from './sizes.ts'

const now = () => process.hrtime.bigint()

/** Events in a second, from the first `send` until the peer has dealt with the last one. */
export async function eventsPerSecond(transport: Transport, count: number): Promise<number> {
  const event = new Uint8Array(EVENT_BYTES).fill(1)
  const startedNs = now()
  for (let sent = 0; sent < count; ) {
    if (transport.send('peer', event, EVENT)) sent++
    else await transport.ready('peer')
  }
  const answer = await transport.request('peer', new Uint8Array(0), { timeoutMs: 60_000 })
  const elapsedNs = Number(now() - startedNs)
  const [events, sum] = new Float64Array(answer.slice().buffer)
  if (events !== count || sum !== count) throw new Error(`${events} events with the sum ${sum} came of ${count}`)
  return (count / elapsedNs) * 1e9
}

/** Sends a message back and forth, one after the other, and adds the round trips in microseconds. */
export function echo(transport: Transport, count: number, into: number[]): Promise<void> {
  const message = new Uint8Array(EVENT_BYTES)
  return new Promise(resolve => {
    let startedNs = 0n
    let left = count
    const ping = () => {
      startedNs = now()
      transport.send('peer', message, ECHO)
    }
    transport.onMessage(() => {
      into.push(Number(now() - startedNs) / 1e3)
      if (--left > 0) ping()
      else resolve()
    })
    ping()
  })
}
