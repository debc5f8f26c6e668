import type { WaitSource, WaitStrategy } from '@disruptorx/contracts'

class Napping implements WaitStrategy {
  readonly napMs: unknown

  constructor(napMs: unknown) {
    this.napMs = napMs
  }

  waitFor(sequence: number, source: WaitSource): number {
    for (;;) {
      const available = source.available()
      if (available >= sequence || source.alerted()) return available
    }
  }
}

export const ready = new Napping('none')
export const make = (napMs: unknown) => new Napping(napMs)
export const makeLater = async (napMs: unknown) => new Napping(napMs)
export const makeNothing = () => null
export const failing = () => {
  throw new RangeError('no naps today')
}
export const number = 5
export default (napMs: unknown) => new Napping(napMs)
