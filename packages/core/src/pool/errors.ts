import { DisruptorError } from '@disruptorx/contracts'

/** Everything that a pool may hold is in use. */
export class PoolExhaustedError extends DisruptorError {
  constructor(what: string, option: string, size: number) {
    super('DX_POOL_EXHAUSTED', `all ${size} ${what} are in use; release some, or create with a larger ${option}`, { what, option, size })
  }
}

/** What was released does not belong to this pool. */
export class NotOfPoolError extends DisruptorError {
  constructor(what: string, shown: string) {
    super('DX_NOT_OF_POOL', `${shown} is not of this ${what}; release to the pool that it was taken from`, { what, shown })
  }
}

/** Something was released that is not in use: most likely it was released before. */
export class NotInUseError extends DisruptorError {
  constructor(what: string, number: number) {
    super('DX_NOT_IN_USE', `${what} ${number} is not in use: it was released before; release each once, and do not use it afterwards`, {
      what,
      number,
    })
  }
}

/** A pool's factory made something that a pool cannot hold. */
export class PoolFactoryError extends DisruptorError {
  constructor(found: string, cause?: unknown) {
    super('DX_POOL_FACTORY', `the factory of the pool returned ${found}; it must return a new object at each call`, { found }, { cause })
  }
}
