import type { ArrayKind, At, Gap, Kind, StructKind } from '../kinds/kind.ts'
import { exact, isFar, isWide, writeFar, writeWide } from '../kinds/whole-numbers.ts'
import { copyCode, evaluate, functionsOf, type NumberedPart, readCode, refusesCode, setterCode, writeCode } from './code.ts'
import {
  type ArrayViewClass,
  BYTE_OFFSET,
  DATA_VIEW,
  elementRefuser,
  firstRefuser,
  indexRefuser,
  refuser,
  shown,
  toJson,
  type ViewClass,
} from './view-class.ts'

/** Arrays that hold no more values than that are dealt with value by value; larger ones in a loop, which has to keep what it has read. */
const FEW_VALUES = 16

/** Beyond so many steps, arrays are not: it bounds the code. */
const MOST_STEPS = 512

/** A part of a struct's value, down to the fields of nested structs: what is loaded, checked and stored by itself. */
interface Step extends NumberedPart {
  /** What it is of the part that it belongs to, or of the value: `.price`, or `[2]`. */
  readonly access: string
  /** Bytes from the start of the view's struct. */
  readonly offset: number
  /** Number of the nested struct or array that it belongs to; undefined on the top level. */
  readonly within: number | undefined
  /** Whether it is dealt with through its own parts, which follow it. */
  readonly expanded: boolean
}

/** How many numbers, texts and the like a value of some kind consists of. */
function countValues(kind: Kind): number {
  if (kind.form === 'struct') return kind.fields.reduce((sum, field) => sum + countValues(field.kind), 0)
  return kind.form === 'array' ? kind.length * countValues(kind.element) : 1
}

/** Appends the steps for a part, with those of what it consists of. */
function addSteps(steps: Step[], step: Omit<Step, 'number' | 'expanded'>): void {
  const number = steps.length
  const { kind, path, offset } = step
  const few = kind.form === 'array' && number < MOST_STEPS && countValues(kind) <= FEW_VALUES
  steps.push({ ...step, number, expanded: few || kind.form === 'struct' })
  if (kind.form === 'struct') {
    for (const { name, ...field } of kind.fields)
      addSteps(steps, { kind: field.kind, path: `${path}.${name}`, offset: offset + field.offset, access: `.${name}`, within: number })
  } else if (few) {
    for (let i = 0; i < kind.length; i++)
      addSteps(steps, {
        kind: kind.element,
        path: `${path}[${i}]`,
        offset: offset + i * kind.element.size,
        access: `[${i}]`,
        within: number,
      })
  }
}

function stepsOf(kind: StructKind): Step[] {
  const steps: Step[] = []
  for (const { name, ...field } of kind.fields)
    addSteps(steps, { kind: field.kind, path: field.path, offset: field.offset, access: `.${name}`, within: undefined })
  return steps
}

/** The bytes between fields, those of nested structs too. Arrays that are not expanded see to their own. */
function gapsOf(kind: StructKind, steps: readonly Step[]): Gap[] {
  const nested = steps.flatMap(({ kind: part, offset }) =>
    part.form === 'struct' ? part.gaps.map(({ from, to }) => ({ from: offset + from, to: offset + to })) : [],
  )
  return [...kind.gaps, ...nested]
}

/** One store for each gap, whole words of up to 8 bytes: what belongs to a field before it is written afterwards. */
function zerosCode({ from, to }: Gap): string {
  const bytes = to - from
  if (bytes > 4) return `data.setFloat64(at + ${to - 8}, 0)`
  const width = bytes > 2 ? 4 : bytes
  return `data.setUint${width * 8}(at + ${to - width}, 0)`
}

/** Where the functions of a part find it: those of a tail count from the struct. */
function address({ kind, offset }: Step, at: string): At {
  return plus => (kind.form === 'tail' ? at : `${at} + ${offset + plus}`)
}

/** Loads each part of `value` once, and throws for the first that may not be stored. */
function checkCode(steps: readonly Step[]): string {
  const loads = steps.map(({ number, access, kind, within, expanded }) => {
    const [own, loaded] = [`v${number}`, `${within === undefined ? 'value' : `v${within}`}${access}`]
    if (!expanded) return `const ${own} = ${kind.form === 'array' ? `take${number}(${loaded})` : loaded}`
    const wrong =
      kind.form === 'array' ? `!Array.isArray(${own}) || ${own}.length !== ${kind.length}` : `typeof ${own} !== 'object' || ${own} === null`
    return `const ${own} = ${loaded}; if (${wrong}) refuse(${number}, ${own})`
  })
  const leaves = steps.filter(({ expanded }) => !expanded)
  const refused = leaves.map(step => `(${refusesCode(step, `v${step.number}`)})`).join(' || ')
  // One call for all: in each field's own it would take the code beyond what V8 puts into a loop.
  return [
    "if (typeof value !== 'object' || value === null) refuse(-1, value)",
    ...loads,
    `if (${refused}) refuseFirst(${leaves.map(({ number }) => `v${number}`).join(', ')})`,
  ].join('\n    ')
}

/** Stores what {@link checkCode} loaded. The tail first: it throws when the memory has no room for it, and then nothing was written. */
function storeCode(kind: StructKind, steps: readonly Step[]): string {
  const code = (step: Step) => writeCode(step, 'data', address(step, 'at'), `v${step.number}`)
  const tails = steps.filter(step => step.kind.form === 'tail')
  const others = steps.filter(step => step.kind.form !== 'tail' && !step.expanded)
  return [...tails.map(code), ...gapsOf(kind, steps).map(zerosCode), ...others.map(code)].join('\n    ')
}

function accessorCode(step: Step): string {
  const { kind, access, number } = step
  const name = access.slice(1)
  const [data, at] = [`this.${DATA_VIEW}`, address(step, `this.${BYTE_OFFSET}`)]
  if (kind.form === 'struct' || kind.form === 'array') return `get ${name}() { return this.$${number}.moveTo(${at(0)}) }`
  return `get ${name}() { return ${readCode(step, data, at)} }
  set ${name}(value) { ${setterCode(step, data, at, 'value', `refuse(${number}, value)`)} }`
}

function copiedCode(step: Step): string {
  const { kind, access, number } = step
  const name = access.slice(1)
  const at = address(step, 'at')
  if (kind.form === 'struct' || kind.form === 'array') return `${name}: this.$${number}.moveTo(${at(0)}).copy()`
  return `${name}: ${copyCode(step, 'data', at)}`
}

/** What all flyweights have. Theirs are plain fields, not private ones, and cannot be enumerated. */
function commonCode(subs: readonly string[]): string {
  const held = [`${DATA_VIEW}: { value: data }`, `${BYTE_OFFSET}: { value: at, writable: true }`, ...subs]
  return `constructor(data, at) { Object.defineProperties(this, { ${held.join(', ')} }) }
  get offset() { return this.${BYTE_OFFSET} }
  moveTo(byteOffset) { this.${BYTE_OFFSET} = byteOffset; return this }
  toJSON() { return toJson(this.copy()) }
  [Symbol.for('nodejs.util.inspect.custom')]() { return shown(this) }`
}

const helpers = { exact, isFar, isWide, writeFar, writeWide, shown, toJson }

/**
 * The view class of a struct as generated code. Field names are plain identifiers by then: nothing else reaches the source.
 *
 * What V8 puts into a loop is limited by the bytecodes of all that is called there, and accessors come last, after every slow path of the ring
 * around them. So they are kept short: plain fields, not private ones, and the rare case of a wide number apart. Measured with five fields on
 * Node 24: 2.6 ns to write an event in a burst and 1.9 to read it, where hand-written stores to a typed array take 2.5 and 1.8; with private
 * fields 6.5 and 2.9, and three times that where the loop's budget was spent. DataView beats typed arrays, which check the bounds of an index
 * that is computed from the offset for each width. The range check in every setter costs nothing that can be measured, so it is always there.
 *
 * @throws {EvalError} where code generation is forbidden
 */
export function generateViewClass<T>(kind: StructKind, path = ''): ViewClass<T> {
  const steps = stepsOf(kind)
  const leaves = steps.filter(({ expanded }) => !expanded)
  const own = steps.filter(({ within }) => within === undefined)
  const constants: Record<string, unknown> = { ...helpers, refuse: refuser({ kind, path }, steps), refuseFirst: firstRefuser(leaves) }
  const subs: string[] = []
  for (const step of steps) {
    Object.assign(constants, functionsOf(step))
    if (step.within !== undefined || (step.kind.form !== 'struct' && step.kind.form !== 'array')) continue
    constants[`View${step.number}`] =
      step.kind.form === 'struct' ? generateViewClass(step.kind, step.path) : generateArrayViewClass(step.kind, step.path)
    subs.push(`$${step.number}: { value: new View${step.number}(data, at + ${step.offset}) }`)
  }
  const tail = own.find(step => step.kind.form === 'tail')?.kind
  if (tail?.form === 'tail') constants.tailLength = tail.lengthAt
  return evaluate(
    `return class StructView {
  ${commonCode(subs)}
  get byteLength() { return ${kind.size}${tail ? ` + tailLength(this.${DATA_VIEW}, this.${BYTE_OFFSET})` : ''} }
  copy() {
    const data = this.${DATA_VIEW}, at = this.${BYTE_OFFSET}
    return { ${own.map(copiedCode).join(', ')} }
  }
  set(value) {
    ${checkCode(steps)}
    const data = this.${DATA_VIEW}, at = this.${BYTE_OFFSET}
    ${storeCode(kind, steps)}
    return this
  }
  static check(value) {
    ${checkCode(steps)}
  }
  ${own.map(accessorCode).join('\n  ')}
}`,
    constants,
  )
}

/** The class of flyweights over an array, as generated code. */
function generateArrayViewClass({ element, length, ...kind }: ArrayKind, path: string): ArrayViewClass {
  const part: NumberedPart = { kind: element, path: `${path}[]`, number: 0 }
  const whole: NumberedPart = { kind: { ...kind, element, length }, path, number: 1 }
  const constants: Record<string, unknown> = {
    ...helpers,
    ...functionsOf(part),
    ...functionsOf(whole),
    refuse: refuser(whole, []),
    refuseIndex: indexRefuser(path, length),
    refuseElement: elementRefuser(element, path),
  }
  const [data, at] = [`this.${DATA_VIEW}`, (plus: number) => `this.${BYTE_OFFSET} + index * ${element.size} + ${plus}`]
  const isFlyweight = element.form === 'struct' || element.form === 'array'
  if (isFlyweight)
    constants.View = element.form === 'struct' ? generateViewClass(element, part.path) : generateArrayViewClass(element, part.path)
  return evaluate(
    `return class ArrayView {
  ${commonCode(isFlyweight ? ['$element: { value: new View(data, at) }'] : [])}
  get length() { return ${length} }
  get(index) {
    if (index >>> 0 !== index || index >= ${length}) refuseIndex(index)
    return ${isFlyweight ? `this.$element.moveTo(${at(0)})` : readCode(part, data, at)}
  }
  set(index, value) {
    if (index >>> 0 !== index || index >= ${length}) refuseIndex(index)
    ${isFlyweight ? `this.$element.moveTo(${at(0)}).set${element.form === 'array' ? 'All' : ''}(value)` : setterCode(part, data, at, 'value', 'refuseElement(index, value)')}
  }
  setAll(values) {
    const taken = take1(values)
    if (!accepts1(taken)) refuse(-1, taken)
    write1(${data}, this.${BYTE_OFFSET}, taken)
    return this
  }
  copy() {
    const list = []
    for (let index = 0; index < ${length}; index++) list.push(${isFlyweight ? 'this.get(index).copy()' : copyCode(part, data, at)})
    return list
  }
  *[Symbol.iterator]() { for (let index = 0; index < ${length}; index++) yield this.get(index) }
}`,
    constants,
  )
}
