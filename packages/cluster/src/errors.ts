import { DisruptorError } from '@disruptorx/contracts'

/** What anything thrown says of itself: user code may throw what is no error, and what cannot even be shown. Never throws. */
export function reasonOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'something that cannot be shown'
  }
}

/** An application cannot be run: its definition, its module, or what it was asked. */
export class AppError extends DisruptorError {
  constructor(app: string, problem: string, options?: ErrorOptions) {
    super('DX_APP', `application ${app}: ${problem}`, { app, problem }, options)
  }
}

/** `apply` threw something: the partition halted at that event, and every start will halt there until the application is mended. */
export class AppHaltedError extends DisruptorError {
  constructor(app: string, event: string, index: number, ordinal: number, cause: unknown) {
    const reason = reasonOf(cause)
    super(
      'DX_APP_HALTED',
      `application ${app}: apply.${event} threw at entry ${index}, event ${ordinal}: ${reason}; the partition halted there. A refusal must be returned, not thrown`,
      { app, event, index, ordinal, reason },
      { cause },
    )
  }
}

/** The data was written by a version of the application, or by an application, that this one cannot continue. */
export class AppMismatchError extends DisruptorError {
  constructor(app: string, version: number, storedVersion: number, problem: string) {
    super('DX_APP_MISMATCH', `application ${app} version ${version} cannot go on from this data of version ${storedVersion}: ${problem}`, {
      app,
      version,
      storedVersion,
      problem,
    })
  }
}

/** A snapshot is damaged, too short, or of a format that this version does not read. */
export class SnapshotError extends DisruptorError {
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super('DX_SNAPSHOT', `snapshot ${file}: ${problem}`, { file, problem }, options)
  }
}

/** Data on disk has a format newer than this version writes. */
export class FormatTooNewError extends DisruptorError {
  constructor(what: string, found: number, known: number) {
    super(
      'DX_FORMAT_TOO_NEW',
      `${what} has format ${found}; this version reads up to ${known}. Use the version that wrote it, or a newer one`,
      {
        what,
        found,
        known,
      },
    )
  }
}

/** Entries between the snapshot and the log are missing: the data directory is incomplete. */
export class LogGapError extends DisruptorError {
  constructor(snapshotIndex: number, firstIndex: number) {
    super(
      'DX_LOG_GAP',
      `the log begins at entry ${firstIndex}, but no readable snapshot reaches further than ${snapshotIndex}: restore a backup of this directory`,
      { snapshotIndex, firstIndex },
    )
  }
}

/** A session was forgotten, because it was idle while too many others were opened. Open a new one; what it had published was applied. */
export class SessionExpiredError extends DisruptorError {
  constructor(client: number, number: number) {
    super(
      'DX_SESSION_EXPIRED',
      `the session of client ${client} has expired; event ${number} was not applied. Open a session with a new client id`,
      {
        client,
        number,
      },
    )
  }
}

/** An event came before one with a smaller number of the same client. It was not applied. */
export class SessionGapError extends DisruptorError {
  constructor(client: number, number: number) {
    super('DX_SESSION_GAP', `event ${number} of client ${client} came out of turn and was not applied; publish the numbers in order`, {
      client,
      number,
    })
  }
}

/** What became of an event is not known: it was handed over, and no answer came. Publish it again with the same number to learn it. */
export class OutcomeUnknownError extends DisruptorError {
  constructor(client: number, number: number, cause: unknown) {
    super(
      'DX_OUTCOME_UNKNOWN',
      `event ${number} of client ${client} was handed over and no answer came; publish it again with the same number to learn its outcome`,
      { client, number },
      { cause },
    )
  }
}

/** A reply or an answer has more bytes than its ring carries. The event itself was applied. */
export class ReplyTooLargeError extends DisruptorError {
  constructor(what: string, bytes: number, most: number) {
    super('DX_REPLY_TOO_LARGE', `${what} has ${bytes} bytes; at most ${most} can be sent`, { what, bytes, most })
  }
}

/** A query of the application threw. The state is as it was. */
export class QueryError extends DisruptorError {
  constructor(query: string, problem: string) {
    super('DX_QUERY', `query ${query}: ${problem}`, { query, problem })
  }
}

/** A thread of the node ended without being asked to. */
export class ThreadDiedError extends DisruptorError {
  constructor(thread: string, exitCode: number) {
    super('DX_THREAD_DIED', `the ${thread} thread ended with exit code ${exitCode}; start the node again, nothing acknowledged is lost`, {
      thread,
      exitCode,
    })
  }
}
