import type { CaseBody } from './suite.ts'
import { bytesOf, isPattern, must, mustEqual, mustRefuse, pattern, type Trial } from './trial.ts'

const KIB = 1024

async function carries(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  const heard: string[] = []
  let damaged = 0
  b.transport.onMessage((peer, message) => {
    heard.push(`${peer} ${message.type} ${message.length}`)
    if (!isPattern(message.copy()) || !isPattern(message.payload()) || message.source.length < message.offset + message.length) damaged++
  })
  const sizes = [0, 1, 64, 1000, 64 * KIB, 0, 1024 * KIB, 3]
  for (const [i, size] of sizes.entries()) {
    while (!a.transport.send('b', pattern(size), i * 9_000)) await a.transport.ready('b')
  }
  await trial.eventually('delivers messages of every size', () => heard.length === sizes.length)
  mustEqual(
    heard,
    sizes.map((size, i) => `a ${i * 9_000} ${size}`),
    'delivered other messages than were sent',
  )
  mustEqual(damaged, 0, 'delivered other bytes than were sent')
  must(b.transport.send('a', bytesOf('back')), 'took no message at the end that was dialled')
  await trial.eventually('delivers messages the other way', () => a.messages.length === 1)
  mustEqual(a.messages, ['back'], 'delivered something else the other way')
}

async function keepsOrder(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  let next = 0
  let wrong = 0
  b.transport.onMessage((_, { source, offset, length }) => {
    const view = new DataView(source.buffer, source.byteOffset + offset, length)
    if (view.getUint32(0) !== next++) wrong++
  })
  const message = new Uint8Array(4 + 300)
  const view = new DataView(message.buffer)
  for (let i = 0; i < 20_000; i++) {
    view.setUint32(0, i)
    // The same memory over and over: what was taken is a copy.
    while (!a.transport.send('b', message, 0, 0, 4 + ((i * 7) % 300))) await a.transport.ready('b')
  }
  await trial.eventually('delivers everything that it took', () => next === 20_000)
  mustEqual(wrong, 0, 'delivered messages in another order')
}

async function sendsParts(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  const bytes = bytesOf('0123456789')
  a.transport.send('b', bytes, 0, 2, 3)
  a.transport.send('b', bytes, 0, 7)
  a.transport.send('b', bytes, 0, 10)
  for (const [offset, length] of [
    [-1, 2],
    [0, 11],
    [8, 3],
    [0, -1],
    [0.5, 1],
    [1, Number.NaN],
  ] as const)
    await mustRefuse(() => a.transport.send('b', bytes, 0, offset, length), 'DX_OPTION', `${length} bytes from ${offset} of 10`)
  await trial.eventually('delivers parts of arrays', () => b.messages.length === 3)
  mustEqual(b.messages, ['234', '789', ''], 'delivered other parts')
}

async function carriesTrace(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  const traces: string[] = []
  b.transport.onMessage((_, message) => void traces.push(String(message.trace() ?? 'none')))
  const trace = pattern(25)
  a.transport.send('b', bytesOf('traced'), 0, 0, 6, trace)
  a.transport.send('b', bytesOf('not traced'))
  await trial.eventually('delivers messages with a trace context', () => traces.length === 2)
  mustEqual(traces, [String(trace), 'none'], 'delivered another trace context')
}

async function refusesLarge(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ maxMessageBytes: 8 * KIB }, { maxMessageBytes: 4 * KIB })
  must(a.transport.send('b', pattern(4 * KIB)), 'took no message of the largest size')
  await mustRefuse(
    () => a.transport.send('b', pattern(4 * KIB + 1)),
    'DX_MESSAGE_SIZE',
    'a message larger than the peer takes',
    'the peer takes',
  )
  await mustRefuse(
    () => b.transport.send('a', pattern(4 * KIB + 1)),
    'DX_MESSAGE_SIZE',
    'a message larger than this end sends',
    'this end sends',
  )
  await mustRefuse(() => a.transport.request('b', pattern(4 * KIB + 1)), 'DX_MESSAGE_SIZE', 'a request larger than the peer takes')
  await trial.eventually('delivers a message of the largest size', () => b.messages.length === 1)
  must(a.transport.send('b', bytesOf('small')), 'took nothing more after it had refused a message')
  await trial.eventually('goes on after it has refused a message', () => b.messages.length === 2)
}

async function holdsBack(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ queueBytes: 64 * KIB, maxMessageBytes: 8 * KIB })
  const sizes: number[] = []
  b.transport.onMessage((_, { length }) => void sizes.push(length))
  b.transport.pause('a')
  const longest = pattern(8_000)
  let sent = 0
  let quietRounds = 0
  while (quietRounds < 40) {
    if (a.transport.send('b', longest, 0, 0, 1 + (sent % 8_000))) {
      sent++
      quietRounds = 0
      if (sent > 50_000) must(false, 'takes messages without an end for a peer that reads nothing')
    } else {
      quietRounds++
      await trial.place.sleep(5)
    }
  }
  const stats = a.transport.linkStats('b')
  must((stats?.refusedMessages ?? 0) > 0, 'does not count messages that it did not take')
  const most = 3 * 64 * KIB
  must((stats?.mostQueuedBytes ?? 0) <= most, `queued ${stats?.mostQueuedBytes} bytes, where ${most} is more than enough`)
  const ready = a.transport.ready('b')
  b.transport.resume('a')
  await ready
  must(a.transport.send('b', bytesOf('x')), 'takes nothing when it has said that it is ready')
  await trial.eventually('delivers everything that it took', () => sizes.length === sent + 1)
  mustEqual(
    sizes.slice(0, sent).findIndex((size, i) => size !== 1 + (i % 8_000)),
    -1,
    'lost or reordered what waited',
  )
}

async function breaksWhenFull(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({
    queueBytes: 64 * KIB,
    maxMessageBytes: 8 * KIB,
    whenFull: 'break',
    reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 },
  })
  b.transport.pause('a')
  const longest = pattern(8_000)
  for (let i = 0; i < 50_000 && a.transport.send('b', longest); i++) if (i % 8 === 7) await trial.place.sleep(1)
  await trial.eventually('breaks a link whose queue is full', () => a.story.includes('down b DX_QUEUE_FULL'))
  b.transport.resume('a')
}

async function waitsNot(trial: Trial): Promise<void> {
  const a = trial.party('a')
  mustEqual(a.transport.send('b', bytesOf('x')), false, 'took a message for a peer without a link')
  await mustRefuse(() => a.transport.request('b', bytesOf('x')), 'DX_NOT_CONNECTED', 'a request to a peer without a link')
  await mustRefuse(() => a.transport.openStream('b', bytesOf('x')), 'DX_NOT_CONNECTED', 'a stream to a peer without a link')
  await mustRefuse(() => a.transport.ready('b', { timeoutMs: 20 }), 'DX_TIMEOUT', 'to wait longer for a link')
  const controller = new AbortController()
  const ready = a.transport.ready('b', { signal: controller.signal })
  controller.abort()
  await mustRefuse(() => ready, 'DX_ABORTED', 'to go on waiting for a link')
  await mustRefuse(
    () => a.transport.ready('b', { signal: controller.signal }),
    'DX_ABORTED',
    'to wait with a signal that was aborted before',
  )
}

async function survivesListeners(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ reconnect: { minDelayMs: 5, maxDelayMs: 5 } })
  const heard: number[] = []
  b.transport.onMessage((_, { type }) => {
    heard.push(type)
    if (type === 2) throw new Error('a fault of the application')
  })
  for (const type of [1, 2, 3]) a.transport.send('b', bytesOf('x'), type)
  await trial.eventually('breaks the link of a message that its listener cannot deal with', () =>
    b.story.includes('down a DX_LISTENER_FAILED'),
  )
  mustEqual(heard, [1, 2], 'delivered what came behind a message that its listener could not deal with')
  await trial.eventually('tells the other end', () => a.story.some(line => line.startsWith('down b DX_')))
  await a.transport.ready('b')
  a.transport.send('b', bytesOf('x'), 4)
  await trial.eventually('goes on with a new link', () => heard.includes(4))
}

/** Cases about messages. */
export const messageCases: readonly CaseBody[] = [
  { name: 'carries messages of any size both ways, with their types', check: carries },
  { name: 'keeps the order of messages, and copies what it takes', check: keepsOrder },
  { name: 'sends parts of an array, and nothing beyond it', check: sendsParts },
  { name: 'carries a trace context beside a message', check: carriesTrace },
  { name: 'refuses what is too large for either end, by name, and goes on', check: refusesLarge },
  { name: 'takes no more than its queue holds, tells so, and tells when there is room', check: holdsBack },
  { name: 'breaks the link when its queue is full, where that is wanted', check: breaksWhenFull },
  { name: 'takes nothing for a peer without a link', check: waitsNot },
  { name: 'breaks the link, and nothing else, when a listener throws', check: survivesListeners },
]
