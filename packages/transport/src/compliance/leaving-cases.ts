import type { CaseBody } from './suite.ts'
import { bytesOf, must, mustEqual, mustRefuse, pattern, type Trial } from './trial.ts'

async function closesAfterAll(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  let length = 0
  b.transport.onMessage((_, message) => {
    length += message.length
  })
  for (let i = 0; i < 50; i++) must(a.transport.send('b', pattern(20_000)), 'takes less than its queue holds')
  await Promise.all([a.transport.close(), a.transport.close()])
  await trial.eventually('tells the other end that a link has ended', () => b.story.includes('down a'))
  mustEqual(length, 50 * 20_000, 'lost what was sent before it was closed')
  mustEqual(
    [a.story, b.story],
    [
      ['up b', 'down b'],
      ['up a', 'down a'],
    ],
    'tells of the end otherwise',
  )
  for (const [what, act] of [
    ['a message', () => a.transport.send('b', bytesOf('x'))],
    ['a request', () => a.transport.request('b', bytesOf('x'))],
    ['a stream', () => a.transport.openStream('b', bytesOf('x'))],
    ['a dial', () => a.transport.dial(b.address)],
    ['to listen', () => a.transport.listen(a.address)],
    ['a wait', () => a.transport.ready('b')],
  ] as const)
    await mustRefuse(act, 'DX_CLOSED', `${what} when it was closed`)
  await a.transport.close()
}

async function closesWhatWaits(trial: Trial): Promise<void> {
  const a = trial.party('a')
  const dial = a.transport.dial(trial.place.address('b'))
  const ready = a.transport.ready('b')
  const outcomes = Promise.allSettled([dial, ready])
  await a.transport.close()
  await mustRefuse(() => dial, 'DX_CLOSED', 'to go on dialling when it was closed')
  await mustRefuse(() => ready, 'DX_CLOSED', 'to go on waiting when it was closed')
  await outcomes
}

async function hangsUp(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ reconnect: { minDelayMs: 5, maxDelayMs: 5 } })
  a.transport.send('b', bytesOf('the last word'))
  a.transport.hangUp('b')
  await trial.eventually('tells the other end that a link has ended', () => b.story.includes('down a'))
  mustEqual(b.messages, ['the last word'], 'lost what was sent before it hung up')
  await trial.place.sleep(100)
  mustEqual([a.transport.peers(), b.transport.peers()], [[], []], 'makes a link anew that it has hung up')
  mustEqual(await a.transport.dial(b.address), 'b', 'dials no more whom it has hung up')
  a.transport.hangUp('nobody')
}

async function comesBack(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ reconnect: { minDelayMs: 10, maxDelayMs: 50 } })
  await b.transport.close()
  await trial.eventually('tells that a link has ended', () => a.story.includes('down b'))
  const again = await trial.listening('b')
  await a.transport.ready('b')
  await trial.eventually('tells both ends of the new link', () => again.transport.peers().length === 1)
  mustEqual(
    a.transport.peers().map(({ link }) => link),
    [2],
    'counts links otherwise',
  )
  mustEqual(a.transport.linkStats('b')?.reconnects, 1, 'counts reconnects otherwise')
  a.transport.send('b', bytesOf('back'))
  await trial.eventually('delivers over the new link', () => again.messages.length === 1)
  mustEqual(a.story, ['up b', 'down b', 'up b'], 'tells of links otherwise')
}

async function stopsListening(trial: Trial): Promise<void> {
  const b = trial.party('b')
  const listener = await b.transport.listen(b.address)
  const a = trial.party('a')
  await a.transport.dial(listener.address)
  await listener.close()
  await listener.close()
  const c = trial.party('c')
  await mustRefuse(() => c.transport.dial(b.address, { timeoutMs: 100 }), 'DX_TIMEOUT', 'a peer where nobody listens any more')
  a.transport.send('b', bytesOf('still here'))
  await trial.eventually('keeps links when it stops to listen', () => b.messages.length === 1)
  await b.transport.listen(b.address)
  mustEqual(await c.transport.dial(b.address), 'b', 'is not found when it listens again')
}

/** Cases about how links end. */
export const leavingCases: readonly CaseBody[] = [
  { name: 'closes after everything that was sent, and takes nothing more', check: closesAfterAll },
  { name: 'ends what waits when it is closed', check: closesWhatWaits },
  { name: 'hangs up after everything that was sent, and dials no more', check: hangsUp },
  { name: 'makes a link anew when its peer comes back', check: comesBack },
  { name: 'keeps its links when it stops to listen', check: stopsListening },
]
