import type { IncomingStream } from '@disruptorx/contracts'
import type { CaseBody } from './suite.ts'
import { bytesOf, isPattern, must, mustEqual, mustRefuse, pattern, type Trial, textOf } from './trial.ts'

const KIB = 1024

async function carriesWhole(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ streamWindowBytes: 16 * KIB })
  const read: string[] = []
  b.transport.onStream(async stream => {
    let at = 0
    let isWhole = true
    for await (const piece of stream) {
      isWhole &&= isPattern(piece, at)
      at += piece.length
    }
    read.push(`${stream.peer} ${textOf(stream.header)} ${at} ${isWhole}`)
  })
  const send = async (name: string, sizes: readonly number[]) => {
    const stream = a.transport.openStream('b', bytesOf(name))
    let at = 0
    for (const size of sizes) {
      await stream.write(pattern(size, at))
      at += size
    }
    await stream.end()
    must(
      read.some(line => line === `a ${name} ${at} true`),
      `says that ${name} was consumed before it was: ${read.join('; ')}`,
    )
    await mustRefuse(() => stream.write(pattern(1)), 'DX_STREAM_STOPPED', 'to write to a stream that has ended')
    stream.abort()
  }
  await Promise.all([
    send('empty', []),
    send('small', [1, 0, 2, 3]),
    send('large', [300 * KIB, 1, 200 * KIB]),
    send('many', Array(500).fill(100)),
  ])
}

async function waitsForReaders(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ streamWindowBytes: 64 * KIB })
  let incoming: IncomingStream | undefined
  b.transport.onStream(stream => {
    incoming = stream
  })
  const stream = a.transport.openStream('b', bytesOf('unread'))
  let written = 0
  const writing = (async () => {
    for (let i = 0; i < 40; i++) {
      await stream.write(pattern(32 * KIB, written))
      written += 32 * KIB
    }
    await stream.end()
  })()
  for (let i = 0; i < 20; i++) {
    a.transport.send('b', bytesOf(String(i)))
    await trial.place.sleep(2)
  }
  await trial.eventually('delivers messages beside a stream that nobody reads', () => b.messages.length === 20)
  must(written <= 128 * KIB, `took ${written} bytes of a stream that nobody reads, with a window of 64 KiB`)
  let at = 0
  for await (const piece of incoming as IncomingStream) {
    must(isPattern(piece, at), 'delivered other bytes of a stream that was read late')
    at += piece.length
  }
  await writing
  mustEqual(at, 40 * 32 * KIB, 'delivered another length of a stream that was read late')
}

async function stops(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ streamWindowBytes: 16 * KIB })
  const endings: string[] = []
  b.transport.onStream(async stream => {
    const what = textOf(stream.header)
    try {
      if (what === 'unwanted') stream.stop('no room')
      else for await (const _ of stream) if (what === 'left') break
      endings.push(`${what} ended`)
    } catch (error) {
      endings.push(`${what} ${(error as Error).message}`)
    }
  })
  for (const what of ['unwanted', 'left']) {
    const stream = a.transport.openStream('b', bytesOf(what))
    const writing = async () => {
      for (;;) await stream.write(pattern(8 * KIB))
    }
    await mustRefuse(writing, 'DX_STREAM_STOPPED', 'more of a stream that nobody wants', what === 'unwanted' ? 'no room' : '')
  }
  const given = a.transport.openStream('b', bytesOf('given up'))
  await given.write(pattern(10))
  given.abort('out of paper')
  await mustRefuse(() => given.write(pattern(10)), 'DX_STREAM_STOPPED', 'more of a stream that was given up')
  await trial.eventually('tells the reader that a stream was given up', () => endings.some(line => /^given up .*out of paper/.test(line)))
}

async function limits(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({}, { maxStreams: 2 })
  const nobody = a.transport.openStream('b', bytesOf('nobody'))
  await mustRefuse(() => nobody.end(), 'DX_STREAM_STOPPED', 'a stream that nobody takes')
  b.transport.onStream(async stream => {
    for await (const _ of stream);
  })
  const streams = [a.transport.openStream('b', bytesOf('1')), a.transport.openStream('b', bytesOf('2'))]
  await mustRefuse(() => a.transport.openStream('b', bytesOf('3')), 'DX_STREAM_LIMIT', 'more streams at a time than the peer reads')
  await mustRefuse(() => a.transport.openStream('b', pattern(4097)), 'DX_MESSAGE_SIZE', 'a header of more than 4 KiB')
  await Promise.all(streams.map(stream => stream.end()))
  await a.transport.openStream('b', pattern(4096)).end()
}

async function endsWithLink(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ streamWindowBytes: 4 * KIB, reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } })
  let ending = ''
  let isReading = false
  b.transport.onStream(async stream => {
    try {
      for await (const _ of stream) isReading = true
      ending = 'an end'
    } catch (error) {
      ending = String((error as { code?: unknown }).code)
    }
  })
  const stream = a.transport.openStream('b', bytesOf('x'))
  await stream.write(pattern(100))
  await trial.eventually('delivers what was written to a stream', () => isReading)
  b.transport.hangUp('a')
  await mustRefuse(
    async () => {
      for (;;) await stream.write(pattern(4 * KIB))
    },
    'DX_NOT_CONNECTED',
    'more of a stream whose link has ended',
  )
  await trial.eventually('tells the reader that the link has ended', () => ending !== '')
  mustEqual(ending, 'DX_NOT_CONNECTED', 'told the reader of something else than of the end of the link')
}

/** Cases about streams. */
export const streamCases: readonly CaseBody[] = [
  { name: 'carries streams of any size whole, and says when they are consumed', check: carriesWhole },
  { name: 'holds a stream up that nobody reads, and nothing beside it', check: waitsForReaders },
  { name: 'ends streams from either end, with the reason', check: stops },
  { name: 'refuses more streams at a time than the peer reads', check: limits },
  { name: 'ends streams with their link', check: endsWithLink },
]
