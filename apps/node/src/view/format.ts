const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number with its thousands apart: `91,997`. */
export function count(value: number): string {
  return grouped.format(value)
}

/** A duration in nanoseconds, in the unit that suits it: `870 ns`, `93 us`, `1.24 ms`, `2.1 s`. */
export function duration(ns: number): string {
  if (ns < 1000) return `${Math.round(ns)} ns`
  if (ns < 1e6) return `${significant(ns / 1e3)} us`
  if (ns < 1e9) return `${significant(ns / 1e6)} ms`
  return `${significant(ns / 1e9)} s`
}

/** A price of the order file, dollars x 10,000, in dollars: `585.33`. */
export function price(value: number): string {
  return value === 0 ? '-' : (value / 10_000).toFixed(value % 100 === 0 ? 2 : 4)
}

/** Bytes in the unit that suits them: `3.4 MiB`. */
export function bytes(value: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let scaled = value
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return unit === 0 ? `${value} bytes` : `${scaled.toFixed(1)} ${units[unit]}`
}

/** Seconds as `0:07`, `12:05` or `3:00:00`. */
export function elapsed(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

function significant(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
