import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The web config that docs/web-config.md shows. */
export function webConfigExample(): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs/web-config.md'), 'utf8')
  const [, example] = /^```yaml\n(tls_server_config:.*?)^```/ms.exec(text) ?? []
  if (example === undefined) throw new Error('docs/web-config.md shows no web config')
  return example
}
