import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { metricsDocument } from './docs-metrics.ts'
import { settingsSchema } from './docs-settings-schema.ts'
import { settingsDocument } from './docs-settings.ts'
import { licencesDocument } from './licences.ts'

const root = join(import.meta.dirname, '..')

/** A document that is derived from a table in the source, or from another file. */
interface Generated {
  path: string
  text(): string
}

const GENERATED: readonly Generated[] = [
  { path: 'docs/settings.md', text: settingsDocument },
  { path: 'docs/settings.schema.json', text: settingsSchema },
  { path: 'docs/metrics.md', text: metricsDocument },
  { path: 'docs/licences.md', text: () => licencesDocument(lockedPackages()) },
  // A copy, because kustomize reads no file above its own folder.
  { path: 'deploy/collector/otel-collector.yaml', text: () => readFileSync(join(root, 'otel-collector.yaml'), 'utf8') },
]

function lockedPackages(): Parameters<typeof licencesDocument>[0] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: object }
  return lock.packages as Parameters<typeof licencesDocument>[0]
}

async function render({ path, text }: Generated): Promise<string> {
  const filepath = join(root, path)
  return format(text(), { ...(await resolveConfig(filepath)), filepath })
}

async function current(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}

/*
 * Writes the generated documents; with `--check` it writes nothing, names each that is not up to date, and exits with 1.
 */
const isCheck = process.argv.includes('--check')
for (const generated of GENERATED) {
  const text = await render(generated)
  if (text === (await current(generated.path))) continue
  if (isCheck) {
    console.error(`${generated.path} is not up to date; run: npm run docs`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(join(root, generated.path)), { recursive: true })
    await writeFile(join(root, generated.path), text)
    console.log(`wrote ${generated.path}`)
  }
}
