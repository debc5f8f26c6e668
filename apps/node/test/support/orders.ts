import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { orderLines } from '../../src/feed/order-lines.ts'

/** The hour of real orders that lies beside the checkout on some machines. */
export const REAL_ORDERS = fileURLToPath(new URL('../../../../../shared/data/orders-aapl-2012-06-21.csv', import.meta.url))
/** Whether it is there. */
export const hasRealOrders = existsSync(REAL_ORDERS)

if (!hasRealOrders) console.warn(`skipped: tests on the real orders, because ${REAL_ORDERS} is not there`)

/** The text of an order file. */
export function orderText(seed: number, lines: number): string {
  let text = ''
  // Each chunk is made in the place of the one before.
  for (const chunk of orderLines(seed, lines)) text += Buffer.from(chunk).toString('latin1')
  return text
}

/** Writes an order file; returns its path. */
export function writeOrders(path: string, seed: number, lines: number): string {
  writeFileSync(path, orderText(seed, lines))
  return path
}
