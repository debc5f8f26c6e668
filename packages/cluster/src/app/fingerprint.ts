import { crc32 } from '@disruptorx/contracts/internal'
import type { AnyApp } from './define-app.ts'

/** 32 bits that stand for an application's name and the numbers and bytes of its events: what its log is written in. */
export function fingerprint(app: AnyApp): number {
  const events = Object.values(app.events).map(({ type, layout }) => `${type}:${layout.hash}`)
  const text = new TextEncoder().encode(`${app.name} ${events.sort().join(' ')}`)
  return crc32(text, 0, text.length)
}
