import { writeFileSync } from 'node:fs'
import { defineApp } from '@disruptorx/cluster'
import { struct } from '@disruptorx/layout'

/** What no program can print. */
const unprintable = () => Object.create(null) as unknown
const never = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)

/** How its module is loaded says what goes wrong from the start: `url?state=throws`. */
const { searchParams } = new URL(import.meta.url)
const marker = searchParams.get('marker')
if (marker !== null) writeFileSync(marker, '')

/** Does on request, by the number in an event, what the code of a user can do wrong to the thread it runs on. */
const faults: Record<number, () => void> = {
  1: () => {
    throw unprintable()
  },
  2: () => process.exit(3),
  3: () => void never(),
  4: () => void setInterval(() => undefined, 1000),
  5: () => void Promise.reject(new Error('left behind')),
  6: () => void setImmediate(() => process.exit(3)),
}

/** The faults by name: the first three also of `snapshot.write` and `snapshot.read`, for the state that an event has armed. */
export const fault = { throws: 1, exits: 2, hangs: 3, clings: 4, rejects: 5, leaves: 6 } as const

function state() {
  if (searchParams.get('state') === 'throws') throw unprintable()
  if (searchParams.get('state') === 'hangs') never()
  return { write: 0, read: 0 }
}

export default defineApp({
  url: import.meta.url,
  name: 'rogue',
  version: 1,
  events: {
    now: { type: 1, layout: struct({ fault: 'u8' }) },
    armWrite: { type: 2, layout: struct({ fault: 'u8' }) },
    armRead: { type: 3, layout: struct({ fault: 'u8' }) },
  },
  state,
  apply: {
    now: (_state, event) => faults[event.fault]?.(),
    armWrite(state, event) {
      state.write = event.fault
    },
    armRead(state, event) {
      state.read = event.fault
    },
  },
  query: {
    unprintable: () => {
      throw unprintable()
    },
    numbered: () => {
      throw Object.assign(new Error(), { message: 5 })
    },
  },
  snapshot: {
    write(state, out) {
      faults[state.write]?.()
      out.write(Uint8Array.of(state.read))
    },
    read(input) {
      const bytes = new Uint8Array(1)
      input.read(bytes)
      faults[bytes[0] ?? 0]?.()
      return { write: 0, read: 0 }
    },
  },
})
