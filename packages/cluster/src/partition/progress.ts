import { LatencyHistogram } from '@disruptorx/contracts/internal'
import { SharedSequence } from '@disruptorx/core'

/**
 * How far each stage of a partition is, in shared memory. Everybody waits on these cells, and monitoring reads the same.
 *
 * ```
 *  line  cell               moved by          counts
 *  0     durableSequence    journal thread    ingress sequences, -1 before the first
 *  1     appliedSequence    handler thread    ingress sequences, -1 before the first
 *  2     lastIndex          journal thread    entries
 *  3     durableIndex       journal thread    entries
 *  4     appliedIndex       handler thread    entries
 *  5     snapshotIndex      handler thread    entries: the newest snapshot on disk
 *  6     releasableIndex    handler thread    entries: what both kept snapshots cover
 *  7     firstIndex         journal thread    entries
 *  8     journalPages       journal thread    pages of 4 KiB on disk
 *  9     snapshotWanted     journal thread    times that a snapshot was asked for because the journal grew
 *  10    snapshotAsked      user thread       times that a snapshot was asked for by the user
 *  11    snapshotDone       handler thread    the sum of the two above when the newest finished snapshot began
 *  12    appliedEvents      handler thread    events applied, of earlier runs too
 *  13    deliverFrom        handler thread    the entry to serve the handler from; 0 until it is ready
 *  then  two latency histograms: from publish to durable (journal thread), from publish to applied (handler thread)
 * ```
 */
export class Progress {
  readonly memory: SharedArrayBuffer
  readonly durableSequence: SharedSequence
  readonly appliedSequence: SharedSequence
  readonly lastIndex: SharedSequence
  readonly durableIndex: SharedSequence
  readonly appliedIndex: SharedSequence
  readonly snapshotIndex: SharedSequence
  readonly releasableIndex: SharedSequence
  readonly firstIndex: SharedSequence
  readonly journalPages: SharedSequence
  readonly snapshotWanted: SharedSequence
  readonly snapshotAsked: SharedSequence
  readonly snapshotDone: SharedSequence
  readonly appliedEvents: SharedSequence
  readonly deliverFrom: SharedSequence
  readonly durableLatency: LatencyHistogram
  readonly appliedLatency: LatencyHistogram

  private constructor(memory: SharedArrayBuffer, make: boolean) {
    this.memory = memory
    const cell = (line: number, initial: number) => new SharedSequence(memory, line * SharedSequence.BYTES, make ? initial : undefined)
    this.durableSequence = cell(0, -1)
    this.appliedSequence = cell(1, -1)
    this.lastIndex = cell(2, 0)
    this.durableIndex = cell(3, 0)
    this.appliedIndex = cell(4, 0)
    this.snapshotIndex = cell(5, 0)
    this.releasableIndex = cell(6, 0)
    this.firstIndex = cell(7, 1)
    this.journalPages = cell(8, 0)
    this.snapshotWanted = cell(9, 0)
    this.snapshotAsked = cell(10, 0)
    this.snapshotDone = cell(11, 0)
    this.appliedEvents = cell(12, 0)
    this.deliverFrom = cell(13, 0)
    this.durableLatency = new LatencyHistogram(memory, CELLS * SharedSequence.BYTES)
    this.appliedLatency = new LatencyHistogram(memory, CELLS * SharedSequence.BYTES + LatencyHistogram.BYTES)
  }

  /** Makes the cells of a partition that starts. */
  static create(): Progress {
    return new Progress(new SharedArrayBuffer(CELLS * SharedSequence.BYTES + 2 * LatencyHistogram.BYTES), true)
  }

  /** The same cells on another thread. */
  static attach(memory: SharedArrayBuffer): Progress {
    return new Progress(memory, false)
  }
}

const CELLS = 14

/** Bytes of one of {@link Progress.journalPages}. */
export const PAGE_BYTES = 4096
