import { setImmediate as yieldTurn } from 'node:timers/promises'
import { createMessage, OrderFlow } from '@disruptorx/exchange'
import { count } from '../view/format.ts'
import { readCheckpoint } from './checkpoint-file.ts'

/** Messages made between two turns for signals. */
const AT_ONCE = 50_000

/**
 * The generator where the log ends: from its checkpoint, or from its beginning where that is of no use, and forward from there. Says on
 * which way it came. Rejects when the signal is aborted.
 *
 * @param events how many of its messages the log holds
 */
export async function resumeFlow(
  directory: string,
  seed: number,
  events: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<OrderFlow> {
  if (events === 0) return new OrderFlow({ seed })
  const checkpoint = await readCheckpoint(directory, seed)
  const ahead = checkpoint.kind === 'flow' && checkpoint.flow.count > events
  const usable = checkpoint.kind === 'flow' && !ahead
  const flow = usable ? checkpoint.flow : new OrderFlow({ seed })
  if (usable) {
    say(`goes on after event ${count(events)}: generator from its checkpoint at event ${count(flow.count)}`)
  } else {
    const reason = checkpoint.kind === 'unusable' ? checkpoint.reason : 'it is ahead of the log'
    say(`goes on after event ${count(events)}: generator from event 0, without its checkpoint: ${reason}`)
  }
  const message = createMessage()
  while (flow.count < events) {
    for (let left = Math.min(AT_ONCE, events - flow.count); left > 0; left--) flow.next(message)
    await yieldTurn()
    signal.throwIfAborted()
  }
  return flow
}
