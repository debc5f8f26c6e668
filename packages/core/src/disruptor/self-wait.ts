import { DisruptorError } from '@disruptorx/contracts'

/** A handler waits for what waits for it. The code is that of everything that would never end. */
export class SelfWaitError extends DisruptorError {
  constructor(handler: string, what: string) {
    super(
      'DX_WOULD_DEADLOCK',
      `handler '${handler}' would wait for ${what}, which waits for that handler, for ever: it has begun, so call it without await; whoever started the disruptor can await \`closed\``,
      { handler, what },
    )
  }
}

/** A promise of which the rejection counts as handled: who is interested looks at it later. */
export function withoutEcho<T = void>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}

/**
 * What who asked for an end gets: a handler that is being called cannot wait for it, and may go on without.
 *
 * @param handler the handler that is being called right now, if any
 */
export function endingFor(handler: string | undefined, what: string, ending: Promise<void>): Promise<void> {
  if (handler === undefined) return ending
  const refused = withoutEcho()
  ending.catch(() => {})
  refused.reject(new SelfWaitError(handler, what))
  return refused.promise
}
