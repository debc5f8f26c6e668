import { transportSuite } from '@disruptorx/transport/compliance'
import { describe, it } from 'vitest'
import { places } from './places.ts'

for (const [name, make] of Object.entries(places)) transportSuite({ describe, it: it.concurrent }, `a transport ${name}`, { make })
