import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** A field, and whether it may be absent. */
type Field = readonly [name: string, isOptional: boolean]

const sorted = (fields: Field[]) => [...new Map(fields)].sort(([left], [right]) => (left < right ? -1 : 1))

/** The fields of each interface, those of its inline objects too. */
function declaredFields(): Map<string, Field[]> {
  const source = read('src/verdict/mesh-document.ts').replaceAll(/\/\*\*.*?\*\//gs, '')
  const interfaces = source.matchAll(/^export interface (\w+)Document [^{]*\{\n(.*?)^\}/gms)
  const fieldsOf = (body: string): Field[] =>
    [...body.matchAll(/(\w+)(\??):/g)].map(([, name = '', mark]) => [name, mark === '?'])
  return new Map([...interfaces].map(([, name = '', body = '']) => [name, sorted(fieldsOf(body))]))
}

/** The fields that the tables of docs/mesh-json.md name, by heading. */
function documentedFields(): Map<string, Field[]> {
  const [, ...sections] = read('docs/mesh-json.md').split(/^## /m)
  return new Map(
    sections.map((section) => {
      const rows = section.matchAll(/^\| `([\w.[\]]+)`(\??) /gm)
      const fields = [...rows].map(([, path = '', mark]): Field => [path.split('.').at(-1) ?? '', mark === '?'])
      return [section.slice(0, section.indexOf('\n')), sorted(fields)]
    }),
  )
}

test('docs/mesh-json.md names every field of /v1/mesh and no other, and says which may be absent', () => {
  const { Mesh, ...others } = Object.fromEntries(declaredFields())
  expect(Object.fromEntries(documentedFields())).toEqual({ Document: Mesh, ...others })
})
