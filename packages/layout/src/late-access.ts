import { LateAccessError } from './errors.ts'
import type { ReadonlyView, ValueLayout, View } from './types.ts'
import { DATA_VIEW } from './views/view-class.ts'

/** The time for which what a view was laid over is valid. */
interface Life {
  over: boolean
}

/**
 * The same layout for development: what its views' `moveTo` and its readers' `read` return throws a {@link LateAccessError} once the view has moved on. So
 * a handler that keeps an event of a ring instead of its `copy()` is found out. What `view` itself returns never expires: it is its owner's.
 *
 * Every event costs some hundred nanoseconds and an object or two. A window on bytes, once taken, is not watched.
 *
 * @example
 * const layout = development ? withLateAccessChecks(order) : order
 * const disruptor = new Disruptor({ layout, capacity: 1024 })
 */
export function withLateAccessChecks<T>(layout: ValueLayout<T>): ValueLayout<T> {
  return Object.freeze({
    ...layout,
    view: (memory: ArrayBufferLike | ArrayBufferView, byteOffset?: number) => watchMoves(layout.view(memory, byteOffset)),
    reader() {
      const reader = layout.reader()
      let life: Life = { over: false }
      return {
        read(bytes: Uint8Array, offset: number, length: number): ReadonlyView<T> {
          life.over = true
          life = { over: false }
          return watch(reader.read(bytes, offset, length), life)
        },
      }
    },
  })
}

/** Makes each `moveTo` end the time of what the one before returned. */
function watchMoves<T>(view: View<T>): View<T> {
  let life: Life = { over: false }
  const moveTo = view.moveTo.bind(view)
  return Object.defineProperty(view, 'moveTo', {
    value(byteOffset: number) {
      life.over = true
      life = { over: false }
      return watch(moveTo(byteOffset), life)
    },
  })
}

/** A flyweight that throws on any use after its time, with all flyweights that it gives. */
function watch<F extends object>(flyweight: F, life: Life): F {
  function use(property: string | symbol): void {
    if (life.over) throw new LateAccessError(String(property))
  }
  const watched: F = new Proxy(flyweight, {
    get(target, property) {
      use(property)
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return given(value)
      return (...args: readonly unknown[]) => {
        use(property)
        return given(Reflect.apply(value, target, args))
      }
    },
    set(target, property, value) {
      use(property)
      return Reflect.set(target, property, value, target)
    },
    has(target, property) {
      use(property)
      return Reflect.has(target, property)
    },
  })
  function given(value: unknown): unknown {
    if (value === flyweight) return watched
    return typeof value === 'object' && value !== null && DATA_VIEW in value ? watch(value, life) : value
  }
  return watched
}
