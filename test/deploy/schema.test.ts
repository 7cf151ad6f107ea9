import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type AnySchemaObject } from 'ajv'
import { describe, expect, test } from 'vitest'
import { DEPLOY, plainManifestFiles, readManifests, RENDERED, renderedManifests, type Manifest } from '../support/manifests.ts'

interface StrictSchemas {
  kinds: Record<string, AnySchemaObject>
  definitions: AnySchemaObject
}

function readSchemas(file: string): StrictSchemas {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/kubernetes', file), 'utf8')) as StrictSchemas
}

const [server, rbac] = [readSchemas('strict-v1.35.4.json'), readSchemas('rbac-v1.json')]
const kinds = { ...server.kinds, ...rbac.kinds }
const definitions = { ...server.definitions, ...rbac.definitions }
const ajv = new Ajv({ strict: false, allowUnionTypes: true, inlineRefs: false, logger: false })

/** What the API server would refuse, without the checks that look at several fields. */
function schemaProblems(manifest: Manifest): string[] {
  const kind = `${manifest.apiVersion}/${manifest.kind}`
  const schema = kinds[kind]
  if (schema === undefined) return [`no schema of ${kind}`]
  const validate = ajv.getSchema(kind) ?? ajv.compile({ ...schema, definitions, $id: kind })
  if (validate(manifest)) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message} ${JSON.stringify(params)}`
  })
}

describe('the strict schemas of an API server 1.35 accept', () => {
  test.each(plainManifestFiles())('the file %s', (file) => {
    expect(readManifests(join(DEPLOY, file)).flatMap(schemaProblems)).toEqual([])
  })

  test.each(Object.keys(RENDERED))('what kustomize makes of %s', (name) => {
    const manifests = renderedManifests(name)
    expect(manifests).not.toEqual([])
    expect(manifests.flatMap(schemaProblems)).toEqual([])
  })
})

test('the strict schemas refuse an unknown field', () => {
  const [manifest] = renderedManifests('identity')
  expect(schemaProblems({ ...manifest, specs: {} } as unknown as Manifest)).not.toEqual([])
})
