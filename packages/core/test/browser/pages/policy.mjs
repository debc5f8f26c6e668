// Under a policy that forbids generated code: layouts work all the same.
import { Disruptor, struct } from '@disruptorx/core'

let forbidden = false
try {
  new Function('return 1')()
} catch (error) {
  forbidden = error instanceof EvalError
}
const order = struct({ id: 'u53', price: 'i32', open: 'bool' })
const seen = []
const disruptor = new Disruptor({ layout: order, capacity: 8 })
disruptor.handleEventsWith({ onEvent: event => void seen.push(event.copy()) })
await disruptor.start()
const publisher = disruptor.publisher()
for (let id = 0; id < 3; id++) publisher.publish({ id, price: -id, open: id === 1 })
let refused = ''
try {
  publisher.publish({ id: 9, price: 2 ** 31, open: false })
} catch (error) {
  refused = error.code
}
await disruptor.shutdown()
globalThis.report({ forbidden, seen, refused })
