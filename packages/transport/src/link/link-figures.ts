import type { LatencySummary, LinkStats } from '@disruptorx/contracts'
import { LatencyHistogram } from '@disruptorx/contracts/internal'

/** What is counted about a peer, over all links with it. */
export class LinkFigures {
  sentBytes = 0
  sentFrames = 0
  receivedBytes = 0
  receivedFrames = 0
  mostQueuedBytes = 0
  refusedMessages = 0
  links = 0
  readonly roundTrip = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
  readonly requests = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
}

/** What a link that is up has counted so far, beyond the figures of those before it. */
export interface CurrentFigures {
  readonly sentBytes: number
  readonly sentFrames: number
  readonly receivedBytes: number
  readonly receivedFrames: number
  readonly queuedBytes: number
  readonly mostQueuedBytes: number
}

/** Figures as the contract has them. */
export function summarize(peer: string, figures: LinkFigures, now: CurrentFigures | undefined): LinkStats {
  return {
    peer,
    isUp: now !== undefined,
    sent: { bytes: figures.sentBytes + (now?.sentBytes ?? 0), frames: figures.sentFrames + (now?.sentFrames ?? 0) },
    received: { bytes: figures.receivedBytes + (now?.receivedBytes ?? 0), frames: figures.receivedFrames + (now?.receivedFrames ?? 0) },
    queuedBytes: now?.queuedBytes ?? 0,
    mostQueuedBytes: Math.max(figures.mostQueuedBytes, now?.mostQueuedBytes ?? 0),
    refusedMessages: figures.refusedMessages,
    reconnects: Math.max(0, figures.links - 1),
    roundTrip: latency(figures.roundTrip),
    requests: latency(figures.requests),
  }
}

/** A link is over: what it counted is kept. */
export function addFigures(figures: LinkFigures, ended: CurrentFigures): void {
  figures.sentBytes += ended.sentBytes
  figures.sentFrames += ended.sentFrames
  figures.receivedBytes += ended.receivedBytes
  figures.receivedFrames += ended.receivedFrames
  figures.mostQueuedBytes = Math.max(figures.mostQueuedBytes, ended.mostQueuedBytes)
}

function latency(histogram: LatencyHistogram): LatencySummary {
  const at = (percentile: number) => histogram.percentile(percentile) / 1e3
  return { count: histogram.count, p50Us: at(50), p90Us: at(90), p99Us: at(99), p999Us: at(99.9) }
}
