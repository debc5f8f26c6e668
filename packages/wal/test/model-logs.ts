/** One log of the model: plain arrays, nothing clever. */
export class ModelLog {
  first = 1
  baseTerm = 0
  entries: { term: number; text: string }[] = []
  snapshot: { index: number; term: number } | undefined
  values = new Map<string, string>()

  get last(): number {
    return this.first + this.entries.length - 1
  }

  get lastTerm(): number {
    return this.entries.at(-1)?.term ?? this.baseTerm
  }

  termAt(index: number): number {
    return index < this.first ? this.baseTerm : (this.entries[index - this.first]?.term ?? Number.NaN)
  }

  append(text: string, term: number): void {
    this.entries.push({ term, text })
  }

  cut(index: number): void {
    this.entries.length = index - this.first + 1
    if (this.snapshot !== undefined && this.snapshot.index > index) this.snapshot = undefined
  }

  trim(index: number): void {
    if (index <= this.first) return
    this.baseTerm = this.termAt(index - 1)
    this.entries.splice(0, index - this.first)
    this.first = index
  }

  reset(index: number, term: number): void {
    this.entries = []
    this.first = index + 1
    this.baseTerm = term
    if (this.snapshot !== undefined && this.snapshot.index > index) this.snapshot = undefined
  }

  clone(): ModelLog {
    const copy = new ModelLog()
    Object.assign(copy, { first: this.first, baseTerm: this.baseTerm, snapshot: this.snapshot })
    copy.entries = this.entries.slice()
    copy.values = new Map(this.values)
    return copy
  }
}

/** All logs of the model. */
export type ModelLogs = Map<number, ModelLog>

export function cloneLogs(logs: ModelLogs): ModelLogs {
  return new Map([...logs].map(([id, log]) => [id, log.clone()]))
}

/** The log with an id, made when it is new. */
export function logOf(logs: ModelLogs, id: number): ModelLog {
  let log = logs.get(id)
  if (log === undefined) {
    log = new ModelLog()
    logs.set(id, log)
  }
  return log
}
