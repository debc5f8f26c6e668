import { setTimeout as sleep } from 'node:timers/promises'
import type { Carrier } from '@disruptorx/contracts'
import {
  SimulatedNetwork,
  SimulatedNode,
  type SimulatedProcess,
  Simulation,
  simulatedCarrier,
  temporaryDirectory,
} from '@disruptorx/testkit'
import { createTransport, MemoryNetwork, webSocket } from '@disruptorx/transport'
import type { TransportPlace } from '@disruptorx/transport/compliance'
import { tcp, tls } from '@disruptorx/transport/tcp'
import { unix } from '@disruptorx/transport/unix'
import { ws } from '@disruptorx/transport/ws'
import { clusterCredentials } from './certificates.ts'
import { freePort } from './ports.ts'

const NODES = ['a', 'b', 'c'] as const

/** A place of real time. */
function place(
  addressOf: (node: string) => string,
  carrierOf: (node: string) => Carrier,
  more: Partial<TransportPlace> = {},
): TransportPlace {
  return {
    make: options => createTransport({ ...options, carriers: [carrierOf(options.node)] }),
    address: addressOf,
    sleep: ms => sleep(ms),
    ...more,
  }
}

/** Addresses with a port for each node. */
async function portAddresses(scheme: string): Promise<(node: string) => string> {
  const ports = await Promise.all(NODES.map(freePort))
  return node => `${scheme}://127.0.0.1:${ports[NODES.indexOf(node as 'a')]}`
}

/** Places of every kind, by name. */
export const places: Readonly<Record<string, () => TransportPlace | Promise<TransportPlace>>> = {
  'in memory': () => {
    const network = new MemoryNetwork()
    return place(
      node => `memory://${node}`,
      () => network.carrier(),
    )
  },
  'over TCP': async () => place(await portAddresses('tcp'), () => tcp()),
  'over mutual TLS': async () => {
    const credentials = await clusterCredentials()
    return place(await portAddresses('tls'), () => tls({ credentials }))
  },
  'over Unix sockets': () => {
    const directory = temporaryDirectory()
    return place(
      node => `unix:${directory.join(`${node}.sock`)}`,
      () => unix(),
      { remove: () => directory[Symbol.dispose]() },
    )
  },
  'over WebSocket': async () => place(await portAddresses('ws'), () => ws()),
  'with the WebSocket of browsers at one end': async () =>
    place(await portAddresses('ws'), node => (node === 'a' ? webSocket() : ws()), { onlyDials: true }),
  'over a simulated network': simulatedPlace,
}

/** Three nodes in virtual time. */
function simulatedPlace(): TransportPlace {
  const sim = new Simulation({ seed: 1 })
  const network = new SimulatedNetwork(sim, { delayMs: { least: 0.05, most: 1 } })
  const worlds = new Map(NODES.map(name => [name as string, machineOf(sim, network, name)]))
  const { process: clockOf } = worlds.get('a') as { process: SimulatedProcess }
  return {
    make(options) {
      const { process, carrier } = worlds.get(options.node) as { process: SimulatedProcess; carrier: Carrier }
      const random = process.random.derive('transport', made++)
      return createTransport({ ...options, carriers: [carrier], clock: process.clock, scheduler: process.scheduler, random })
    },
    address: node => `sim://${node}`,
    sleep: ms => clockOf.sleep(ms),
    async run(body) {
      sim.usePromises()
      let outcome: 'running' | 'done' = 'running'
      const running = body().finally(() => {
        outcome = 'done'
      })
      running.catch(() => {})
      await sim.run({ until: () => outcome === 'done', forMs: 600_000 })
      await running
    },
  }
}

let made = 0

function machineOf(sim: Simulation, network: SimulatedNetwork, name: string): { process: SimulatedProcess; carrier: Carrier } {
  let process: SimulatedProcess | undefined
  const node = new SimulatedNode(sim, {
    name,
    network,
    start: given => {
      process = given
    },
  })
  node.start()
  return { process: process as unknown as SimulatedProcess, carrier: simulatedCarrier(process as unknown as SimulatedProcess) }
}
