import { FieldError } from './errors.ts'
import { BYTE_OFFSET, DATA_VIEW, fieldKinds, wideCode } from './field-types.ts'
import type { StructField, View } from './types.ts'

/** Makes views: the class that belongs to one layout. */
export type ViewClass<T> = new (data: DataView, byteOffset: number) => View<T>

type Refuse = (field: number, value: unknown) => never

function refusal(fields: readonly StructField[]): Refuse {
  return (index, value) => {
    const field = fields[index] as StructField
    throw new FieldError(field.name, value, kindOf(field).range)
  }
}

function kindOf(field: StructField) {
  const kind = fieldKinds.get(field.type)
  if (kind === undefined) throw new TypeError(`no field type ${field.type}`)
  return kind
}

/**
 * The source of the view class of one layout. Field names are plain identifiers by then: nothing else reaches the source.
 *
 * What V8 puts into a loop is limited by the bytecodes of all that is called there, and accessors come last, after every slow path of the ring
 * around them. So they are kept short: plain fields, not private ones, and the rare case of a wide number apart. Measured with five fields on
 * Node 24: 2.6 ns to write an event in a burst and 1.9 to read it, where hand-written stores to a typed array take 2.5 and 1.8; with private
 * fields 6.5 and 2.9, and three times that where the loop's budget was spent. DataView beats typed arrays, which check the bounds of an index
 * that is computed from the offset for each width. The range check in every setter costs nothing that can be measured, so it is always there.
 */
function sourceOf(fields: readonly StructField[]): string {
  const at = (field: StructField) => (plus: number) => `this.${BYTE_OFFSET} + ${field.offset + plus}`
  const data = `this.${DATA_VIEW}`
  const kinds = fields.map(kindOf)
  const accessors = fields.map((field, i) => {
    const kind = kinds[i] as (typeof kinds)[number]
    return `get ${field.name}() { return ${kind.readCode(data, at(field))} }
  set ${field.name}(value) { ${kind.setCode(data, at(field), 'value', i)} }`
  })
  const load = fields.map((field, i) => `const v${i} = value.${field.name}`)
  const check = kinds.map((kind, i) => `if (${kind.refusesCode(`v${i}`)}) refuse(${i}, v${i})`)
  const store = fields.map((field, i) => kinds[i]?.writeCode(data, at(field), `v${i}`))
  return `'use strict'
${wideCode}
return class StructView {
  constructor(data, at) { Object.defineProperties(this, { ${DATA_VIEW}: { value: data }, ${BYTE_OFFSET}: { value: at, writable: true } }) }
  get offset() { return this.${BYTE_OFFSET} }
  moveTo(byteOffset) { this.${BYTE_OFFSET} = byteOffset; return this }
  copy() { return { ${fields.map(field => `${field.name}: this.${field.name}`).join(', ')} } }
  toJSON() { return this.copy() }
  [Symbol.for('nodejs.util.inspect.custom')]() { return this.copy() }
  set(value) {
    ${[...load, ...check, ...store].join('\n    ')}
    return this
  }
  ${accessors.join('\n  ')}
}`
}

/** The view class as generated code. @throws {EvalError} where code generation is forbidden */
export function generateViewClass<T>(fields: readonly StructField[]): ViewClass<T> {
  return new Function('refuse', sourceOf(fields))(refusal(fields)) as ViewClass<T>
}

/** The view class without generated code: the same behaviour, several times slower. */
export function interpretViewClass<T>(fields: readonly StructField[]): ViewClass<T> {
  const refuse = refusal(fields)
  class StructView {
    readonly #data: DataView
    #at: number

    constructor(data: DataView, at: number) {
      this.#data = data
      this.#at = at
    }

    get offset(): number {
      return this.#at
    }

    moveTo(byteOffset: number): this {
      this.#at = byteOffset
      return this
    }

    copy(): Record<string, number | boolean> {
      const value: Record<string, number | boolean> = {}
      for (const field of fields) value[field.name] = kindOf(field).read(this.#data, this.#at + field.offset)
      return value
    }

    toJSON(): Record<string, number | boolean> {
      return this.copy()
    }

    [Symbol.for('nodejs.util.inspect.custom')](): Record<string, number | boolean> {
      return this.copy()
    }

    set(value: Readonly<Record<string, number | boolean>>): this {
      const values = fields.map(field => value[field.name])
      for (const [i, field] of fields.entries()) if (!kindOf(field).accepts(values[i])) refuse(i, values[i])
      for (const [i, field] of fields.entries()) kindOf(field).write(this.#data, this.#at + field.offset, values[i] as number | boolean)
      return this
    }

    static define(index: number, field: StructField): void {
      const { read, write, accepts } = kindOf(field)
      Object.defineProperty(StructView.prototype, field.name, {
        configurable: true,
        get(this: StructView) {
          return read(this.#data, this.#at + field.offset)
        },
        set(this: StructView, value: unknown) {
          if (!accepts(value)) refuse(index, value)
          write(this.#data, this.#at + field.offset, value as number | boolean)
        },
      })
    }
  }
  for (const [i, field] of fields.entries()) StructView.define(i, field)
  return StructView as unknown as ViewClass<T>
}

/** The fastest view class that this place allows: a content security policy may forbid generated code. */
export function viewClassFor<T>(fields: readonly StructField[]): ViewClass<T> {
  try {
    return generateViewClass(fields)
  } catch (error) {
    if (error instanceof EvalError) return interpretViewClass(fields)
    throw error
  }
}
