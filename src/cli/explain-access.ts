import type { Access } from '../companion/read-metrics.ts'
import { LeanmeshError } from '../errors.ts'
import { readTextFile } from '../genesis/read-text-file.ts'
import type { ExplainOptions } from './explain-options.ts'

/**
 * What a sidecar with a web config wants to see, from the files that the options name.
 *
 * @throws LeanmeshError when one of a pair is missing, or a file cannot be read
 */
export async function explainAccess(options: ExplainOptions): Promise<Access> {
  const { caFile, certFile, keyFile, user, passwordFile } = options
  together({ '--user': user, '--password-file': passwordFile })
  together({ '--cert-file': certFile, '--key-file': keyFile })
  return {
    ...(caFile !== undefined && { ca: await readTextFile(caFile) }),
    ...(certFile !== undefined && { cert: await readTextFile(certFile) }),
    ...(keyFile !== undefined && { key: await readTextFile(keyFile) }),
    // An editor leaves a line end behind the password.
    ...(passwordFile !== undefined && { auth: `${user}:${(await readTextFile(passwordFile)).replace(/\r?\n$/, '')}` }),
  }
}

function together(pair: Record<string, string | undefined>): void {
  const missing = Object.keys(pair).filter((flag) => pair[flag] === undefined)
  if (missing.length === 1)
    throw new LeanmeshError('ERR_USAGE', `${Object.keys(pair).join(' and ')} go together; ${missing[0]} is missing`)
}
