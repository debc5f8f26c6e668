import type { PlantedBug } from '@disruptorx/testkit'

/** Mistakes with what few drivers choose. */
const bugs: PlantedBug[] = [
  {
    name: 'election-with-a-change-that-is-still-fetched',
    scenarios: ['choices'],
    file: 'src/core/membership.ts',
    find: `return changes === undefined || changes.some`,
    replace: `return changes !== undefined && changes.some`,
  },
  {
    name: 'election-two-changes-behind',
    scenarios: ['choices'],
    file: 'src/core/membership.ts',
    find: `  if (!raft.config.disableConfChangeValidation) log.commitTo(`,
    replace: `  if (raft.config === undefined) log.commitTo(`,
  },
  {
    name: 'sleep-with-a-follower-behind',
    scenarios: ['choices'],
    file: 'src/core/quiescence.ts',
    find: `recentActive && match === lastIndex && state`,
    replace: `recentActive && state`,
  },
  {
    name: 'sleep-without-applying-the-last-entry',
    scenarios: ['choices'],
    file: 'src/core/quiescence.ts',
    find: `log.applied !== lastIndex || `,
    replace: '',
  },
  {
    name: 'fetching-that-never-ends',
    scenarios: ['choices'],
    file: 'src/log/raft-log.ts',
    find: `  entriesFetched(): void {\n    this.fetching = false`,
    replace: `  entriesFetched(): void {`,
  },
  {
    name: 'on-some-disk-told-as-on-all',
    scenarios: ['choices'],
    file: 'src/core/replication.ts',
    find: `Math.min(...tracker.configuration.voters`,
    replace: `Math.max(...tracker.configuration.voters`,
  },
]

export default bugs
