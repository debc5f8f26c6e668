import type { InboundMessage, IncomingStream, PeerInfo, Transport } from '@disruptorx/contracts'
import {
  Nemesis,
  networkFaults,
  nodeFaults,
  type SeededRandom,
  SimulatedNetwork,
  SimulatedNode,
  type SimulatedProcess,
  type Simulation,
  simulatedCarrier,
} from '@disruptorx/testkit'
import { createTransport } from '../../src/index.ts'

const NAMES = ['n1', 'n2', 'n3']
const lastsMs = { least: 20, most: 3_000 }

/** Ends of links that say that the protocol, or this package, is wrong: nobody here breaks it. */
const FAULTS = /^DX_(FRAME|PEER_PROTOCOL|PEER_SECRET|PEER_FLOOD|LINK_GAP|LISTENER_FAILED|OPTION)/

/** What one end knows of a link: everything on it is numbered from 0, without gaps. */
interface Ledger {
  readonly peer: PeerInfo
  /** Names the link at the sender's end; known from the first message on. */
  tag: number | undefined
  next: number
  sent: number
}

/**
 * Three nodes that are linked with each other, while the network and the nodes fail. Holds that there is one link for each pair, that within a link nothing is
 * lost, doubled or overtaken from its first message on, that answers are those of their requests, and that streams arrive whole.
 */
export class LinkWorld {
  readonly #sim: Simulation
  readonly #network: SimulatedNetwork
  readonly #nodes: SimulatedNode[]
  readonly #transports = new Map<string, Transport>()
  /** Streams that their receivers have read to the end, by name. */
  readonly #wholeStreams = new Set<string>()
  /** How many messages were sent on a link, by its tag at the sender's end. */
  readonly #sent = new Map<number, number>()
  /** Requests and streams whose fate is open, in processes that live. */
  readonly #open = new Set<object>()
  /** Nobody leaves any more; nobody asks or streams any more. */
  #isCalm = false
  #isQuiet = false
  /** Nodes whose process is closing its transport. */
  readonly #leaving = new Set<string>()

  constructor(sim: Simulation) {
    this.#sim = sim
    const random = sim.randomFor('world')
    this.#network = new SimulatedNetwork(sim, {
      delayMs: { least: 0.05, mean: 1 },
      loss: 0.02,
      bytesPerSecond: random.pick([1e6, 1e7, 1e9]),
    })
    // For each pair: who dials. At least one of them.
    const dials = NAMES.flatMap((a, i) =>
      NAMES.slice(i + 1).flatMap(b =>
        random.pick([
          [[a, b]],
          [[b, a]],
          [
            [a, b],
            [b, a],
          ],
        ]),
      ),
    )
    this.#nodes = NAMES.map(
      name =>
        new SimulatedNode(sim, {
          name,
          network: this.#network,
          start: process =>
            process.program('node', () =>
              this.#live(
                process,
                dials.filter(([from]) => from === name).map(([, to]) => to as string),
              ),
            ),
          restartAfterMs: { least: 5, most: 500 },
        }),
    )
  }

  async run(): Promise<void> {
    const sim = this.#sim
    for (const node of this.#nodes) node.start()
    const nemesis = new Nemesis(sim, {
      kinds: [
        ...nodeFaults(this.#nodes, { weights: { wipe: 0, clockDrift: 0, crashAtRequest: 0 }, downMs: lastsMs, pauseMs: lastsMs }),
        ...networkFaults(this.#network, NAMES, { lastsMs }),
      ],
      everyMs: { least: 10, most: 1_000 },
    })
    nemesis.start()
    await sim.run({ forMs: 15_000 })
    nemesis.stop()
    this.#isCalm = true
    this.#network.heal()
    for (const node of this.#nodes) node.heal()
    await sim.eventually('every pair is linked, at both ends', () => this.#isWhole(), 30_000)
    const before = sim.facts.of('received')
    await sim.eventually('messages flow', () => sim.facts.of('received') > before + 100, 10_000)
    this.#isQuiet = true
    await sim.eventually('every request and stream is settled', () => this.#open.size === 0, 20_000)
  }

  #isWhole(): boolean {
    return NAMES.every(name => this.#transports.get(name)?.peers().length === NAMES.length - 1)
  }

  async #live(process: SimulatedProcess, dials: readonly string[]): Promise<void> {
    const { name } = process
    const transport = createTransport({
      node: name,
      cluster: 'world',
      carriers: [simulatedCarrier(process)],
      secret: 'a secret of this world',
      clock: process.clock,
      random: process.random.derive('transport'),
      scheduler: process.scheduler,
      queueBytes: 40_000,
      maxMessageBytes: 8_192,
      flushBytes: 4_096,
      streamWindowBytes: 16_384,
      heartbeatMs: 100,
      deadAfterMs: 800,
      stallAfterMs: 2_000,
      handshakeMs: 1_000,
      reconnect: { minDelayMs: 10, maxDelayMs: 500 },
    })
    this.#transports.set(name, transport)
    this.#leaving.delete(name)
    for (const one of this.#open) if ((one as { owner?: string }).owner === name) this.#open.delete(one)
    const ledgers = new Map<string, Ledger>()
    transport.onLink(event => {
      if (event.kind === 'up') this.#up(name, ledgers, event.peer)
      else if (event.kind === 'down') this.#down(name, ledgers, event.peer, event.reason)
      else if (event.kind === 'refused') {
        this.#sim.trace?.record(name, 'refused', { node: event.node ?? '', reason: event.reason.message })
        if (FAULTS.test(codeOf(event.reason))) this.#sim.fail(event.reason)
      } else this.#sim.trace?.record(name, 'unreachable', { address: event.address, reason: event.reason.message })
    })
    transport.onMessage((peer, message) => this.#check(name, ledgers.get(peer), peer, message))
    transport.onRequest(({ body }) => body.map(byte => byte ^ 0xff))
    const readers = process.random.derive('readers')
    transport.onStream(stream => void this.#read(process, stream, readers.chance(0.3) ? readers.between(1, 100) : 0))
    await transport.listen(`sim://${name}`)
    for (const peer of dials)
      transport.dial(`sim://${peer}`, { peer, timeoutMs: Number.POSITIVE_INFINITY }).catch(error => this.#expected(error, /^DX_CLOSED/))
    await this.#talk(process, transport, ledgers)
  }

  #up(name: string, ledgers: Map<string, Ledger>, peer: PeerInfo): void {
    this.#sim.trace?.record(name, 'link up', { peer: peer.node, link: peer.link, dialed: peer.isDialed })
    this.#sim.facts.count('ups')
    if (ledgers.has(peer.node)) this.#sim.fail(new Error(`${name}: a second link with ${peer.node}`))
    ledgers.set(peer.node, { peer, tag: undefined, next: 0, sent: 0 })
  }

  #down(name: string, ledgers: Map<string, Ledger>, peer: PeerInfo, reason: Error | undefined): void {
    this.#sim.trace?.record(name, 'link down', { peer: peer.node, link: peer.link, reason: reason?.message ?? '' })
    this.#sim.facts.count(reason === undefined ? 'goodbyes' : 'downs')
    if (FAULTS.test(codeOf(reason))) this.#sim.fail(reason)
    const ledger = ledgers.get(peer.node)
    if (!ledgers.delete(peer.node) || ledger === undefined) {
      this.#sim.fail(new Error(`${name}: a link with ${peer.node} went down that was not up`))
      return
    }
    const sent = this.#sent.get(ledger.tag ?? 0)
    if (reason === undefined && !this.#leaving.has(name) && sent !== undefined && sent !== ledger.next)
      this.#sim.fail(new Error(`${name}: ${peer.node} has left after ${sent} messages, and ${ledger.next} came`))
  }

  #check(name: string, ledger: Ledger | undefined, peer: string, { source, offset, length }: InboundMessage): void {
    const view = new DataView(source.buffer, source.byteOffset + offset, length)
    const [tag, number] = [view.getFloat64(0), view.getUint32(8)]
    this.#sim.facts.count('received')
    if (ledger === undefined) {
      this.#sim.fail(new Error(`${name}: a message of ${peer} without a link`))
      return
    }
    ledger.tag ??= tag
    if (tag !== ledger.tag) this.#sim.fail(new Error(`${name}: messages of two links of ${peer} on one`))
    if (number !== ledger.next) this.#sim.fail(new Error(`${name}: message ${number} of ${peer} where ${ledger.next} is due`))
    ledger.next++
  }

  /** Sends to whoever is linked, in bursts. */
  async #talk(process: SimulatedProcess, transport: Transport, ledgers: Map<string, Ledger>): Promise<void> {
    const random = process.random.derive('talk')
    for (let round = 0; ; round++) {
      for (const ledger of ledgers.values()) {
        this.#burst(process, transport, ledger, random)
        if (this.#isQuiet) continue
        if (random.chance(0.1)) void this.#ask(process.name, transport, ledger.peer.node, random)
        if (random.chance(0.03)) void this.#stream(process, transport, ledger.peer.node, `${process.name}.${process.life}.${round}`, random)
        if (random.chance(0.01)) this.#hold(process, transport, ledger.peer.node, random)
      }
      if (!this.#isCalm && random.chance(0.002)) {
        this.#leaving.add(process.name)
        await transport.close()
        process.exit()
        return
      }
      await process.sleep(random.between(1, 40))
    }
  }

  #burst(process: SimulatedProcess, transport: Transport, ledger: Ledger, random: SeededRandom): void {
    for (let left = random.between(0, 30); left > 0; left--) {
      const message = new Uint8Array(12 + random.pick([0, 8, 100, 2_000]))
      const view = new DataView(message.buffer)
      const tag = (NAMES.indexOf(process.name) * 1e3 + process.life) * 1e6 + NAMES.indexOf(ledger.peer.node) * 1e5 + ledger.peer.link
      view.setFloat64(0, tag)
      view.setUint32(8, ledger.sent)
      if (!transport.send(ledger.peer.node, message)) {
        this.#sim.facts.count('full')
        return
      }
      ledger.sent++
      this.#sent.set(tag, ledger.sent)
    }
  }

  async #ask(owner: string, transport: Transport, peer: string, random: SeededRandom): Promise<void> {
    const mark = { owner }
    this.#open.add(mark)
    const body = Uint8Array.from({ length: random.between(1, 3_000) }, (_, i) => i)
    try {
      const answer = await transport.request(peer, body, { timeoutMs: 1_000 })
      this.#sim.facts.count('answers')
      if (answer.length !== body.length || answer.some((byte, i) => byte !== ((body[i] as number) ^ 0xff)))
        this.#sim.fail(new Error('another answer'))
    } catch (error) {
      this.#expected(error, /^DX_(LINK|PEER|NOT_CONNECTED|TIMEOUT|QUEUE_FULL|REQUEST_LIMIT|CLOSED)/)
    }
    this.#open.delete(mark)
  }

  async #stream(process: SimulatedProcess, transport: Transport, peer: string, name: string, random: SeededRandom): Promise<void> {
    const mark = { owner: process.name }
    this.#open.add(mark)
    const [pieces, length] = [random.between(0, 10), random.between(0, 10_000)]
    try {
      const stream = transport.openStream(peer, new TextEncoder().encode(`${name} ${pieces * length}`))
      for (let i = 0; i < pieces; i++) await stream.write(new Uint8Array(length).map((_, at) => i * length + at))
      await stream.end()
      this.#sim.facts.count('streams')
      if (!this.#wholeStreams.has(name)) this.#sim.fail(new Error(`${process.name}: stream ${name} counts as read, and is not`))
    } catch (error) {
      this.#expected(error, /^DX_(LINK|PEER|NOT_CONNECTED|QUEUE_FULL|STREAM_LIMIT|CLOSED)/)
    }
    this.#open.delete(mark)
  }

  async #read(process: SimulatedProcess, stream: IncomingStream, pauseMs: number): Promise<void> {
    const { name } = process
    const [id = '', length] = new TextDecoder().decode(stream.header).split(' ')
    let at = 0
    try {
      for await (const piece of stream) {
        if (pauseMs > 0) await process.sleep(pauseMs)
        for (const byte of piece)
          if (byte !== (at++ & 0xff)) this.#sim.fail(new Error(`${name}: stream ${id} has another byte at ${at - 1}`))
      }
      if (at !== Number(length)) this.#sim.fail(new Error(`${name}: stream ${id} has ${at} of ${length} bytes`))
      this.#wholeStreams.add(id)
    } catch (error) {
      this.#expected(error, /^DX_(LINK|PEER|NOT_CONNECTED)/)
    }
  }

  /** Reads nothing from a peer for a while. */
  #hold(process: SimulatedProcess, transport: Transport, peer: string, random: SeededRandom): void {
    if (!transport.peers().some(({ node }) => node === peer)) return
    transport.pause(peer)
    this.#sim.facts.count('holds')
    process.scheduler.schedule(random.between(1, 1_500), () => transport.resume(peer))
  }

  #expected(error: unknown, codes: RegExp): void {
    const code = codeOf(error)
    if (codes.test(code) && !FAULTS.test(code)) this.#sim.facts.count(code)
    else this.#sim.fail(error)
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code)
}
