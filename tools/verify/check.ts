/** What a check has to say against the repository: where, and what is wrong there. */
export interface Finding {
  /** File, with a line where there is one, or the package. Relative to the root. */
  readonly where: string
  readonly what: string
}

/** One line of the report. */
export interface Check {
  /** Short name, also the one to choose it by. */
  readonly name: string
  /** Checks that must have passed before this one makes sense. */
  readonly needs?: readonly string[]
  /** Finds nothing when all is well. Throwing counts as a finding. */
  run(): Promise<readonly Finding[]> | readonly Finding[]
}

/** A finding as one line of text. */
export function describeFinding({ where, what }: Finding): string {
  return `${where}: ${what}`
}
