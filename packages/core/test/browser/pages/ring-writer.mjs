// A worker that publishes: it waits for room on its event loop.
import { StructRing } from '@disruptorx/core'
import { events, ticket } from './tickets.mjs'

globalThis.onmessage = async ({ data }) => {
  const publisher = StructRing.attach(data.ring, ticket).publisher()
  for (let number = 0; number < events; number++) {
    while (!publisher.publish({ number, square: number * number })) await publisher.ready()
  }
  publisher.close()
}
