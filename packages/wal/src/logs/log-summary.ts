/** How a log stood at one moment: what the header of a segment says of it. */
export interface LogSummary {
  readonly logId: number
  /** The lowest index that can be read. */
  readonly firstIndex: number
  /** Term of the entry before it; 0 when there was none. */
  readonly baseTerm: number
  readonly lastIndex: number
  readonly lastTerm: number
  /** Newest snapshot mark; 0 when there is none. */
  readonly snapshotIndex: number
  readonly snapshotTerm: number
  readonly values: LogValues
}

/** The small values of a log by name. Never changed: a change makes a new map. */
export type LogValues = ReadonlyMap<string, Uint8Array>

export const noValues: LogValues = new Map()

/** How a log stands that nothing was ever done to. */
export function emptySummary(logId: number): LogSummary {
  return { logId, firstIndex: 1, baseTerm: 0, lastIndex: 0, lastTerm: 0, snapshotIndex: 0, snapshotTerm: 0, values: noValues }
}
