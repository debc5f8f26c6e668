import { DisruptorError } from '@disruptorx/contracts'

/** A directory in which there is no journal. */
export class NoJournalError extends DisruptorError {
  constructor(dir: string, reason: string) {
    super('DX_NO_JOURNAL', `${dir} holds no journal: ${reason}`, { dir, reason })
  }
}

/** A log that a journal does not have. */
export class NoLogError extends DisruptorError {
  constructor(dir: string, logId: number, logs: readonly number[]) {
    const known = logs.length === 0 ? 'it has none' : `it has ${logs.slice(0, 20).join(', ')}${logs.length > 20 ? ', ...' : ''}`
    super('DX_NO_LOG', `the journal in ${dir} has no log ${logId}; ${known}`, { dir, logId })
  }
}
