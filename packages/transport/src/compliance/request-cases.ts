import { DisruptorError, type InboundRequest } from '@disruptorx/contracts'
import type { CaseBody } from './suite.ts'
import { bytesOf, must, mustEqual, mustRefuse, pattern, type Trial, textOf } from './trial.ts'

async function answers(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  b.transport.onRequest(async ({ peer, type, body, timeoutMs }) => {
    // The earlier ones take longer: answers may overtake each other.
    await trial.place.sleep(10 - Number(textOf(body)))
    return bytesOf(`${peer} ${type} ${textOf(body)} ${timeoutMs}`)
  })
  a.transport.onRequest(() => bytesOf('at once'))
  const asked = Array.from({ length: 10 }, (_, i) => a.transport.request('b', bytesOf(String(i)), { type: i, timeoutMs: 9_000 }))
  mustEqual(
    (await Promise.all(asked)).map(textOf),
    asked.map((_, i) => `a ${i} ${i} 9000`),
    'answered other requests',
  )
  mustEqual(textOf(await b.transport.request('a', bytesOf('x'))), 'at once', 'answered otherwise the other way')
  must((a.transport.linkStats('b')?.requests.count ?? 0) === 10, 'counts other requests than were made')
}

async function answersErrors(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ maxMessageBytes: 4096 })
  const ask = (what: string) => a.transport.request('b', bytesOf(what))
  await mustRefuse(() => ask('anybody'), 'DX_REQUEST_FAILED', 'a request without a handler')
  b.transport.onRequest(({ body }): Uint8Array | Promise<Uint8Array> => {
    const what = textOf(body)
    if (what === 'known') throw new DisruptorError('DX_OUT_OF_STOCK', 'there are none left', { left: 0 })
    if (what === 'foreign') throw new Error('password=1234')
    if (what === 'later') return Promise.reject(new DisruptorError('DX_LATER', 'come back'))
    if (what === 'none') return undefined as never
    return pattern(what === 'largest' ? 4096 : 4097)
  })
  await mustRefuse(() => ask('known'), 'DX_OUT_OF_STOCK', 'a request whose handler threw', 'there are none left')
  await mustRefuse(() => ask('later'), 'DX_LATER', 'a request whose handler rejected', 'come back')
  await mustRefuse(() => ask('foreign'), 'DX_REQUEST_FAILED', 'a request whose handler threw anything')
  await ask('foreign').catch(error => must(!String(error.message).includes('1234'), 'tells peers what a handler threw'))
  await mustRefuse(() => ask('none'), 'DX_REQUEST_FAILED', 'a request whose handler returned nothing')
  mustEqual((await ask('largest')).length, 4096, 'answered otherwise with the largest answer')
  await mustRefuse(() => ask('too large'), 'DX_MESSAGE_SIZE', 'an answer larger than may be sent')
}

async function limitsTime(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked()
  const seen: InboundRequest[] = []
  b.transport.onRequest(request => {
    seen.push(request)
    return new Promise(() => {})
  })
  await mustRefuse(() => a.transport.request('b', bytesOf('1'), { timeoutMs: 30 }), 'DX_TIMEOUT', 'to wait longer for an answer')
  const controller = new AbortController()
  const aborted = a.transport.request('b', bytesOf('2'), { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY })
  await trial.eventually('hands both requests over', () => seen.length === 2)
  controller.abort(new Error('no longer wanted'))
  await mustRefuse(() => aborted, 'DX_ABORTED', 'to go on waiting for an answer')
  await trial.eventually('tells handlers that nobody waits any more', () => seen.every(({ signal }) => signal.aborted))
  mustEqual(seen[1]?.timeoutMs, Number.POSITIVE_INFINITY, 'told a handler of a limit that there is not')
  await mustRefuse(
    () => a.transport.request('b', bytesOf('3'), { signal: controller.signal }),
    'DX_ABORTED',
    'a request whose signal was aborted before',
  )
}

async function limitsNumber(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({}, { maxRequests: 3 })
  let release = () => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  b.transport.onRequest(async ({ body }) => {
    await released
    return body
  })
  const asked = ['1', '2', '3'].map(text => a.transport.request('b', bytesOf(text)))
  await mustRefuse(() => a.transport.request('b', bytesOf('4')), 'DX_REQUEST_LIMIT', 'more requests at a time than the peer deals with')
  release()
  mustEqual((await Promise.all(asked)).map(textOf), ['1', '2', '3'], 'answered otherwise at the limit')
  mustEqual(textOf(await a.transport.request('b', bytesOf('5'))), '5', 'answered otherwise after the limit')
}

async function endsWithLink(trial: Trial): Promise<void> {
  const { a, b } = await trial.linked({ reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } })
  let handled: InboundRequest | undefined
  b.transport.onRequest(request => {
    handled = request
    return new Promise(() => {})
  })
  const asked = a.transport.request('b', bytesOf('x'))
  await trial.eventually('hands a request over', () => handled !== undefined)
  a.transport.hangUp('b')
  await mustRefuse(() => asked, 'DX_NOT_CONNECTED', 'to wait for an answer when the link has ended')
  await trial.eventually('tells handlers that the link has ended', () => handled?.signal.aborted === true)
}

/** Cases about requests. */
export const requestCases: readonly CaseBody[] = [
  { name: 'answers requests, each with its own answer', check: answers },
  { name: 'answers with errors: ours by code, those of others without a word', check: answersErrors },
  { name: 'ends requests at their time limit or by their signal, and tells the handler', check: limitsTime },
  { name: 'refuses more requests at a time than the peer deals with', check: limitsNumber },
  { name: 'ends requests with their link', check: endsWithLink },
]
