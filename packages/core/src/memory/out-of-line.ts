/** No arguments: a list that V8 does not look into. */
export const NONE: readonly [] = Object.freeze([] as const)

/**
 * Calls a rare path of a hot loop so that V8 does not inline it: `outOfLine(this.#refill, this, NONE)`.
 *
 * V8 inlines into a loop until a number of bytecodes is reached, and the accessors of views come last. Slow paths that were inlined first leave
 * them as calls: measured, a publisher's event takes 17 ns then, and 5 ns with the rare path out of the way.
 */
export const outOfLine: <T, R>(method: (this: T) => R, self: T, none: typeof NONE) => R = Reflect.apply
