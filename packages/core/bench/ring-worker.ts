import { parentPort } from 'node:worker_threads'
import { tryPin } from '@disruptorx/core/affinity'
import { cases } from './ring/cases.ts'
import type { Report, Role } from './ring/cast.ts'
import { nowNs, Round } from './ring/round.ts'
import { soloCases } from './ring/solo.ts'
import { threadCpuNs } from './ring/thread-cpu.ts'

/** The body of every thread of the suite `ring`: plays one part after the other, asleep between the rounds. */
async function play({ name, part: index, round: handle, shared, core }: Role): Promise<void> {
  const make = (cases.get(name) ?? soloCases.get(name))?.parts[index]
  if (make === undefined) throw new Error(`no part ${index} of '${name}'`)
  if (core !== undefined) tryPin(core)
  const part = make(shared)
  const round = new Round(handle)
  report({ kind: 'ready' })
  while (part.async ? await round.nextAsync() : round.next()) {
    round.meet()
    const startNs = nowNs()
    const startCpuNs = threadCpuNs()
    const outcome = part.play(round)
    const played = outcome instanceof Promise ? await outcome : outcome
    const cpuNs = threadCpuNs() - startCpuNs
    const endNs = nowNs()
    report({ kind: 'played', played: { ...played, startNs, endNs, cpuShare: cpuNs / (endNs - startNs) } })
  }
  part.close?.()
  report({ kind: 'ready' })
}

function report(what: Report): void {
  parentPort?.postMessage(what)
}

parentPort?.on('message', play)
