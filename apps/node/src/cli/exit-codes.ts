/** What the command `disruptorx` exits with. A program that calls it may rely on these numbers. */
export const ExitCode = {
  /** All was done; for `start` also: it was asked to end, and drained. */
  done: 0,
  /** It could not go on: directory or port in use, disk full, journal stopped. For `doctor`: this machine cannot run a node. */
  failed: 1,
  /** Refused before anything was written: unknown command or flag, bad value, a source that is no order file or another one than before. */
  refused: 2,
  /** Ended by SIGHUP before it was done. */
  hangUp: 129,
  /** Ended by SIGINT (Ctrl-C) before it was done. */
  interrupted: 130,
  /** Ended by SIGTERM, or because the parent went away, before it was done. */
  terminated: 143,
} as const

/** One of the numbers of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
