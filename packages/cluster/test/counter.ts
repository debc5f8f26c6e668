import { defineApp } from '@disruptorx/cluster'
import { struct } from '@disruptorx/layout'

/** A counter with everything that an application can do wrong on request. */
export default defineApp({
  url: import.meta.url,
  name: 'counter',
  version: 1,
  events: {
    add: { type: 1, layout: struct({ amount: 'i32' }) },
    sleep: { type: 2, layout: struct({ ms: 'u32' }) },
    fail: { type: 3, layout: struct({ code: 'u8' }) },
  },
  state: () => ({ sum: 0, events: 0, random: 0, now: 0 }),
  apply: {
    add(state, event, ctx) {
      state.sum += event.amount
      state.events++
      state.random = ctx.random.u32()
      state.now = ctx.now
      return state.sum
    },
    sleep(state, event) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, event.ms)
      return state.sum
    },
    fail(_state, event): number {
      throw new Error(`asked to fail with ${event.code}`)
    },
  },
  query: {
    state: state => ({ ...state }),
    big: (_state, bytes: number) => new Uint8Array(bytes),
    wrong: (): number => {
      throw new Error('a wrong question')
    },
  },
  snapshot: {
    write: (state, out) => out.write(new TextEncoder().encode(JSON.stringify(state).padEnd(256))),
    read(input) {
      const bytes = new Uint8Array(256)
      input.read(bytes)
      return JSON.parse(new TextDecoder().decode(bytes))
    },
  },
})
