import { settle } from './disruptor-support.ts'

/** What becomes an unhandled rejection, or an uncaught exception, while `action` runs and for a few turns after it: the messages. */
export async function unhandledIn(
  event: 'unhandledRejection' | 'uncaughtException',
  action: () => Promise<void>,
): Promise<readonly string[]> {
  const messages: string[] = []
  const listeners = process.listeners(event as 'uncaughtException')
  const listen = (error: unknown) => void messages.push((error as Error).message)
  process.removeAllListeners(event)
  process.on(event as 'uncaughtException', listen)
  try {
    await action()
    await settle()
  } finally {
    process.removeListener(event, listen)
    for (const listener of listeners) process.on(event as 'uncaughtException', listener)
  }
  return messages
}
