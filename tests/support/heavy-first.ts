import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Subjects whose files take the longest, each for a reason of its own: killed workers, thousands of requests, a browser. */
const heavy = ['/tests/faults/', '/tests/security/', '/tests/accessibility/']

/**
 * Vitest begins with the largest files, and ours that take the longest are the smallest: a line that names a case. These
 * come first, one of each subject in turn, so that three alike do not want the same thing at once, and short ones fill
 * the end.
 */
export class HeavyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const subjects = heavy.map((folder) => sorted.filter(({ moduleId }) => moduleId.includes(folder)))
    const turns = Array.from({ length: Math.max(...subjects.map((list) => list.length)) }, (_, turn) =>
      subjects.flatMap((list) => list.slice(turn, turn + 1)),
    )
    const first = turns.flat()
    return [...first, ...sorted.filter((file) => !first.includes(file))]
  }
}
