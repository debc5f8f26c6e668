import type { Clock, Files, Step } from '@disruptorx/contracts'
import type { SpareSegments } from '../../src/index.ts'
import { SharedSpareSegments } from '../../src/segments/shared-spare-segments.ts'
import { SparePreparer } from '../../src/segments/spare-preparer.ts'
import { SpareQueue } from '../../src/segments/spare-queue.ts'

/** Spare segments whose preparer is a step of the same simulated process, where no thread can wait for another. */
export function simulatedSpares(
  files: Files,
  clock: Clock,
  dir: string,
  segmentBytes: number,
): { readonly spares: SpareSegments; readonly preparer: Step } {
  const queue = SpareQueue.create(dir, segmentBytes, 1)
  const preparer = new SparePreparer(files, queue, clock)
  const shared = new SharedSpareSegments(queue)
  return {
    preparer,
    spares: {
      checkFor: (...where) => shared.checkFor(...where),
      start: () => shared.start(),
      take: () => shared.take(),
      retire: segment => shared.retire(segment),
      get retiring() {
        return shared.retiring
      },
      get overdue() {
        return shared.overdue
      },
      retired: segment => shared.retired(segment),
      get ready() {
        return shared.ready
      },
      stop: () => {
        queue.stop(0)
        preparer.step()
      },
    },
  }
}
