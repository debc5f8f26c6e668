/**
 * Lets an event loop do everything else that is due, then goes on. Keeps a Node process alive meanwhile.
 */
export const nextTurn: () => Promise<void> =
  'setImmediate' in globalThis ? () => new Promise(resolve => setImmediate(resolve)) : () => new Promise(resolve => setTimeout(resolve, 0))
