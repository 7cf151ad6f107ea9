import type { Advice } from '../companion/read-failure.ts'
import type { Access } from '../companion/read-metrics.ts'
import { errorText, LeanmeshError } from '../errors.ts'
import { readTextFile } from '../genesis/read-text-file.ts'
import { certificatesOf } from '../web-config/tls-material.ts'
import type { ExplainOptions } from './explain-options.ts'

/**
 * What a sidecar with a web config wants to see, from the files that the options name.
 *
 * @throws LeanmeshError when one of a pair is missing, a file cannot be read, or the CA's holds no certificate
 */
export async function explainAccess(options: ExplainOptions): Promise<Access> {
  const { caFile, certFile, keyFile, user, passwordFile } = options
  together({ '--user': user, '--password-file': passwordFile })
  together({ '--cert-file': certFile, '--key-file': keyFile })
  return {
    ...(caFile !== undefined && { ca: await readCa(caFile) }),
    ...(certFile !== undefined && { cert: await readTextFile(certFile) }),
    ...(keyFile !== undefined && { key: await readTextFile(keyFile) }),
    // An editor leaves a line end behind the password.
    ...(passwordFile !== undefined && { auth: `${user}:${(await readTextFile(passwordFile)).replace(/\r?\n$/, '')}` }),
  }
}

/** What the command has to offer a sidecar that does not answer. */
export function explainAdvice({ caFile, certFile, user }: ExplainOptions): Advice {
  return {
    401:
      user === undefined
        ? ': the sidecar asks for a user; give --user and --password-file'
        : ': the user or the password is wrong; correct --user and --password-file',
    403: certFile === undefined ? '; give --cert-file and --key-file' : '; give others as --cert-file and --key-file',
    429: ': too many requests or wrong passwords; wait a little',
    unknownCa: caFile === undefined ? '; give its CA with --ca-file' : '; the one of --ca-file is not its CA',
  }
}

/** Node takes a file without a certificate, and then trusts nobody. */
async function readCa(path: string): Promise<string> {
  const pem = await readTextFile(path)
  if (certificatesOf(pem).length > 0) return pem
  throw new LeanmeshError('ERR_FILE_INVALID', `--ca-file ${errorText(path)}: holds no certificate; it has to be PEM`)
}

function together(pair: Record<string, string | undefined>): void {
  const missing = Object.keys(pair).filter((flag) => pair[flag] === undefined)
  if (missing.length === 1)
    throw new LeanmeshError('ERR_USAGE', `${Object.keys(pair).join(' and ')} go together; ${missing[0]} is missing`)
}
