import { DisruptorError } from '@disruptorx/contracts'
import { segmentName } from '../errors.ts'

/** An archive holds the segments of another journal. Nothing was changed. */
export class ForeignArchiveError extends DisruptorError {
  constructor(expected: string | undefined, found: string) {
    const own = expected === undefined ? 'this one is new' : `this one is ${expected}`
    super('DX_FOREIGN_ARCHIVE', `the archive is of journal ${found}, and ${own}; give each journal an archive of its own`, {
      expected,
      found,
    })
  }
}

/** An object of an archive is damaged, or missing. */
export class ArchiveDamagedError extends DisruptorError {
  constructor(object: string, reason: string, offset?: number) {
    const place = offset === undefined ? object : `${object} at ${offset.toLocaleString('en-US')}`
    super('DX_ARCHIVE_DAMAGED', `${place} in the archive: ${reason}; restore it from another copy of the archive`, {
      object,
      offset,
      reason,
    })
  }
}

/** A segment was archived with another content than it has: the journal goes on from an older copy of itself. */
export class ArchiveDivergedError extends DisruptorError {
  constructor(segment: number) {
    super(
      'DX_ARCHIVE_DIVERGED',
      `segment ${segmentName(segment)} was archived with another content: this directory is an older copy of the journal that the archive is of; nothing more is archived; give it an archive of its own`,
      { segment },
    )
  }
}

/** An archive that nothing was ever put into. */
export class NoArchiveError extends DisruptorError {
  constructor() {
    super('DX_NO_ARCHIVE', 'the archive is empty: no journal has ever used it', {})
  }
}

/** A log of which an archive, and the journal's directory if that was given, hold nothing. */
export class NotArchivedError extends DisruptorError {
  constructor(logId: number, index: number | undefined) {
    const what = index === undefined ? `log ${logId}` : `entry ${index} of log ${logId}`
    super('DX_NOT_ARCHIVED', `${what} is not in the archive, and lies in no segment of the journal that was given`, { logId, index })
  }
}
