import { parentPort } from 'node:worker_threads'
import { cases } from './ring/cases.ts'
import type { Report, Role } from './ring/cast.ts'
import { Round } from './ring/round.ts'

/** The body of every thread of the suite `ring`: plays one part at a time, asleep between the rounds. */
function report(what: Report): void {
  parentPort?.postMessage(what)
}

async function play({ name, part: index, round: handle, shared }: Role): Promise<void> {
  const make = cases.get(name)?.parts[index]
  if (make === undefined) throw new Error(`no part ${index} of '${name}'`)
  const part = make(shared)
  const round = new Round(handle)
  report({ kind: 'ready' })
  while (part.async ? await round.nextAsync() : round.next()) {
    round.meet()
    const startNs = Number(process.hrtime.bigint())
    const outcome = part.play(round)
    const played = outcome instanceof Promise ? await outcome : outcome
    report({ kind: 'played', startNs, endNs: Number(process.hrtime.bigint()), played })
  }
  part.close?.()
  report({ kind: 'ready' })
}

parentPort?.on('message', play)
