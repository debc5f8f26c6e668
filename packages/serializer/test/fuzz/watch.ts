/** What a piece of work did beside its result. */
export interface Watched<T> {
  readonly result: T
  /** The largest array that it asked for by its length, in items. */
  readonly largest: number
}

const prototypes = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Uint8Array.prototype,
  Date.prototype,
  Map.prototype,
]
const keysOf = (prototype: object) => Reflect.ownKeys(prototype).length
const untouched = prototypes.map(keysOf)

const own = { Uint8Array, Array }
let largest = 0

function watched<C extends Uint8ArrayConstructor | ArrayConstructor>(original: C): C {
  return new Proxy(original, {
    construct(target, args, newTarget) {
      if (typeof args[0] === 'number' && args[0] > largest) largest = args[0]
      return Reflect.construct(target, args, newTarget === proxies.Uint8Array || newTarget === proxies.Array ? target : newTarget)
    },
  })
}

const proxies = { Uint8Array: watched(Uint8Array), Array: watched(Array) }

/** What the constructors of arrays are called globally, while work is watched and else. */
function install(constructors: typeof own): void {
  globalThis.Uint8Array = constructors.Uint8Array
  globalThis.Array = constructors.Array
}

/**
 * Runs something, which throws nothing that is expected, while `new Uint8Array(n)` and `new Array(n)` are watched.
 *
 * @throws when a prototype is another one afterwards
 */
export function watch<T>(work: () => T): Watched<T> {
  largest = 0
  install(proxies)
  let result: T
  try {
    result = work()
  } finally {
    install(own)
  }
  for (let i = 0; i < prototypes.length; i++)
    if (keysOf(prototypes[i] as object) !== untouched[i]) throw new Error('a prototype was touched')
  return { result, largest }
}
