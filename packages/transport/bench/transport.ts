import { fileURLToPath } from 'node:url'
import { startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { createTransport } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { unix } from '@disruptorx/transport/unix'
import { ws } from '@disruptorx/transport/ws'
import { echo, eventsPerSecond } from './transport/ours.ts'
import { rawBytesPerSecond, rawEcho, rawSocket } from './transport/raw.ts'
import { WIRE_BYTES } from './transport/sizes.ts'

/** Where the other process listens. */
interface Addresses {
  readonly tcp: string
  readonly unix: string
  readonly ws: string
  readonly echo: number
  readonly sink: number
}

/** How much is done: enough for a figure, or just enough to see that it runs. */
interface Amounts {
  readonly rounds: number
  readonly events: number
  readonly echoes: number
  readonly writes: number
}

const full: Amounts = { rounds: 7, events: 2_000_000, echoes: 2_000, writes: 4_000 }
const quick: Amounts = { rounds: 2, events: 20_000, echoes: 50, writes: 20 }

/**
 * Two processes and one connection: events of 64 bytes in one direction, messages of 64 bytes back and forth, and beside them bare sockets with as many bytes on
 * the wire. Ours and the bare ones take turns, so that both meet the same machine.
 */
export default {
  suite: 'transport',
  async run(options: { quick: boolean; only?: string; log(line: string): void }): Promise<Record<string, number>> {
    const wants = (name: string) => (options.only ?? '').split(',').some(beginning => name.startsWith(beginning))
    const amounts = options.quick ? quick : full
    using directory = temporaryDirectory()
    const program = fileURLToPath(new URL('./transport/peer.ts', import.meta.url))
    await using peer = startProcess({ command: process.execPath, args: [program, directory.join('bench.sock')], timeoutMs: 600_000 })
    const addresses = JSON.parse(await peer.waitForLine(line => line.startsWith('{'))) as Addresses
    const results: Record<string, number> = {}
    for (const carrier of ['tcp', 'unix', 'ws'] as const)
      if (wants(`${carrier}.eventsPerSecond`)) results[`${carrier}.eventsPerSecond`] = await throughput(addresses[carrier], amounts)
    if (wants('raw.bytesPerSecond')) results['raw.bytesPerSecond'] = await rawThroughput(addresses.sink, amounts)
    if (wants('tcp.rtt') || wants('raw.rtt')) Object.assign(results, await roundTrips(addresses, amounts))
    for (const [name, value] of Object.entries(results)) options.log(`${name.padEnd(24)} ${value.toFixed(value < 1_000 ? 1 : 0)}`)
    return results
  },
}

function node() {
  return createTransport({ node: 'bench', cluster: 'bench', carriers: [tcp(), unix(), ws()] })
}

async function throughput(address: string, { rounds, events }: Amounts): Promise<number> {
  await using transport = node()
  await transport.dial(address)
  await eventsPerSecond(transport, Math.ceil(events / 10))
  const found: number[] = []
  for (let round = 0; round < rounds; round++) found.push(await eventsPerSecond(transport, events))
  return percentile(found, 50)
}

async function rawThroughput(port: number, { rounds, writes }: Amounts): Promise<number> {
  const socket = await rawSocket(port)
  const found: number[] = []
  for (let round = 0; round < rounds; round++) found.push(await rawBytesPerSecond(socket, writes))
  socket.destroy()
  return percentile(found, 50)
}

/** Ours and the bare echo, in turns. */
async function roundTrips(addresses: Addresses, { rounds, echoes }: Amounts): Promise<Record<string, number>> {
  await using transport = node()
  await transport.dial(addresses.tcp)
  const socket = await rawSocket(addresses.echo)
  const [ours, bare]: [number[], number[]] = [[], []]
  await rawEcho(socket, WIRE_BYTES, echoes, [])
  await echo(transport, echoes, [])
  for (let round = 0; round < rounds; round++) {
    await rawEcho(socket, WIRE_BYTES, echoes, bare)
    await echo(transport, echoes, ours)
  }
  socket.destroy()
  return {
    'tcp.rttP50Us': percentile(ours, 50),
    'tcp.rttP99Us': percentile(ours, 99),
    'raw.rttP50Us': percentile(bare, 50),
    'raw.rttP99Us': percentile(bare, 99),
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
}
