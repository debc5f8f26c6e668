// Loads the main entry of every package that is said to run anywhere, and uses each a little.
import * as contracts from '@disruptorx/contracts'
import { crc32, systemClock, systemRandom } from '@disruptorx/contracts/internal'
import * as core from '@disruptorx/core'
import * as layout from '@disruptorx/layout'
import * as serializer from '@disruptorx/serializer'
import * as waitStrategies from '@disruptorx/wait-strategies'

const order = layout.struct({ id: 'u53', price: 'f64', open: 'bool' })
const value = { id: 2 ** 40, price: 1.5, open: true }

const codec = serializer.structCodec(order)
const target = new Uint8Array(64)
const end = codec.encode(value, target, 0)

let message = 'nothing thrown'
try {
  core.StructRing.create({ layout: order, capacity: 3 })
} catch (error) {
  message = contracts.isDisruptorError(error, 'DX_OPTION') ? error.message : String(error)
}

const before = systemClock.monotonicNs()

globalThis.report({
  written: order.view(new ArrayBuffer(order.size)).set(value).copy(),
  decoded: codec.decode(target, 0, end),
  message,
  crc: crc32(new TextEncoder().encode('123456789'), 0, 9),
  clocks: systemClock.monotonicNs() >= before && systemClock.nowMs() > 1.7e12,
  random: systemRandom.u32() >= 0,
  strategy: typeof waitStrategies.createWaitStrategy().waitFor,
})
