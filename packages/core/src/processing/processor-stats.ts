/** What a processor has done, counted on its own thread: plain numbers, moved once a batch. */
export class ProcessorStats {
  /** Events released, whatever came of them. */
  events = 0
  /** Batches dealt with. */
  batches = 0
  /** Batches that the handler threw back and got again. */
  rewinds = 0
  /** Errors that the exception handler was asked about, in hooks too. */
  exceptions = 0
  /** Events passed over because the exception handler said so. */
  skipped = 0
  /** Events marked as poisoned by this processor. */
  poisoned = 0
  /** Events that the handler never saw because they were poisoned. */
  passedOver = 0
  /** Calls of `onTimeout`, or what would have been one. */
  timeouts = 0
}
