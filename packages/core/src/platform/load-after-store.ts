/**
 * Reads a word after an atomic store of the same thread, so that no other thread can find that the load came first: of two threads that each
 * store one word and then read the other's, one sees the other. That is what keeps wake-ups from being lost.
 *
 * On x86 an atomic store is a locked instruction, and no later load passes one: a plain load does. ARM lets a plain load pass a releasing store,
 * so there, and where the processor is not known (browsers), it is an atomic one. That is a call in V8, and measured behind each store it costs a
 * third of the throughput between cores that are far from each other.
 */
export const loadAfterStore: (words: Int32Array, index: number) => number = isX86() ? loadPlain : Atomics.load

function isX86(): boolean {
  const process = globalThis.process as typeof globalThis.process | undefined
  return process?.arch === 'x64' || process?.arch === 'ia32'
}

function loadPlain(words: Int32Array, index: number): number {
  return words[index] as number
}
