// Runs in a page: what a group says there.
import { runGroup } from './group.ts'

declare const report: (value: unknown) => void

report(runGroup())
