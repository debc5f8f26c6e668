/**
 * The thread that moves the sequence which a strategy under test waits for: one step whenever it is asked, at once, or a moment later, or after a nap,
 * so that its move meets the waiting thread at every stage. At the end it alerts it.
 */
import { workerData } from 'node:worker_threads'
import { SharedMover } from '../compliance/shared-wait.ts'
import type { MoverData } from './mover.ts'
import { nap, spinPause } from './processor.ts'

/** Every so often it lets the waiting thread fall asleep. */
const ROUNDS_PER_NAP = 8
const NAP_MS = 0.2
/** The longest pause that is no nap, in spins. */
const MOST_SPINS = 1021

const { memory, moves } = workerData as MoverData
const mover = new SharedMover(memory)
for (let sequence = 1; sequence <= moves + 1; sequence++) {
  mover.awaitAsked(sequence)
  if (sequence % ROUNDS_PER_NAP === 0) nap(NAP_MS)
  else for (let spins = (sequence * 7919) % MOST_SPINS; spins > 0; spins--) spinPause()
  if (sequence <= moves) mover.moveTo(sequence)
  else mover.alert()
}
