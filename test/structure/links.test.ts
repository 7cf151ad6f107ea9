import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', ...globSync('docs/*.md', { cwd: ROOT })]

/** Files and folders that a document links to, relative to the checkout; not its own headings and not the web. */
function linkedFiles(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target)
  const files = targets.filter((target) => !/^[a-z]+:/.test(target))
  return files.map((target) => relative(ROOT, join(ROOT, dirname(document), target)))
}

describe('a relative link', () => {
  test.each(DOCUMENTS)('of %s leads to something', (document) => {
    expect(linkedFiles(document).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('of the README leads to something in the package too', () => {
    const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }
    const links = linkedFiles('README.md')
    expect(links).toContain('docs/settings.md')
    expect(links.filter((path) => !files.some((entry) => path === entry || path.startsWith(`${entry}/`)))).toEqual([])
  })
})
