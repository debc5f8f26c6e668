import { expect, it } from 'vitest'
import { repository } from '../../verify/workspace.ts'
import { findBugs } from '../find.ts'
import { loadTestkit } from '../testkit.ts'

it('every planted bug of this checkout fits its source', async () => {
  const { plantedSources } = await loadTestkit()
  const wrong: string[] = []
  for (const { id, bug, scenarios } of await findBugs(repository))
    try {
      plantedSources(scenarios[0]?.packageDir ?? '', bug)
    } catch (error) {
      wrong.push(`${id}: ${error}`)
    }
  expect(wrong).toEqual([])
})
