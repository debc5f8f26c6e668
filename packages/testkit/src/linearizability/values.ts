/** A value as text that no other value has: as JSON, which has `null` for numbers that are none or have no end, but with those numbers. */
export function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** Whether two values are the same for those who read them: `NaN` is itself, and zero has no sign. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b)
}
