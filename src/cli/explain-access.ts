import { createPrivateKey } from 'node:crypto'
import type { Advice } from '../companion/read-failure.ts'
import type { Access } from '../companion/read-metrics.ts'
import { errorText, LeanmeshError } from '../errors.ts'
import { readTextFile } from '../genesis/read-text-file.ts'
import { certificatesOf } from '../web-config/tls-material.ts'
import type { ExplainOptions } from './explain-options.ts'

/**
 * What a sidecar with a web config wants to see, from the files that the options name.
 *
 * @throws LeanmeshError when one of a pair is missing, or a file cannot be read or holds something else
 */
export async function explainAccess(options: ExplainOptions): Promise<Access> {
  const { caFile, certFile, keyFile, user, passwordFile } = options
  together({ '--user': user, '--password-file': passwordFile })
  together({ '--cert-file': certFile, '--key-file': keyFile })
  return {
    ...(caFile !== undefined && { ca: await readCertificates('--ca-file', caFile) }),
    ...(certFile !== undefined && { cert: await readCertificates('--cert-file', certFile) }),
    ...(keyFile !== undefined && { key: await readKey(keyFile) }),
    // An editor leaves a line end behind the password.
    ...(passwordFile !== undefined && {
      auth: `${user}:${(await read('--password-file', passwordFile)).replace(/\r?\n$/, '')}`,
    }),
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

/** The text of the file that an option names. */
async function read(flag: string, path: string): Promise<string> {
  try {
    return await readTextFile(path)
  } catch (error) {
    if (!(error instanceof LeanmeshError)) throw error
    throw new LeanmeshError(error.code, `${flag}: ${error.message}`, { cause: error })
  }
}

/** Node takes a file without a certificate as a CA's, and then trusts nobody; as the client's it fails without a file's name. */
async function readCertificates(flag: string, path: string): Promise<string> {
  const pem = await read(flag, path)
  if (certificatesOf(pem).length > 0) return pem
  throw new LeanmeshError('ERR_FILE_INVALID', `${flag} ${errorText(path)}: holds no certificate; it has to be PEM`)
}

async function readKey(path: string): Promise<string> {
  const pem = await read('--key-file', path)
  try {
    createPrivateKey(pem)
    return pem
  } catch {
    const wrong = 'holds no private key; it has to be PEM without a passphrase'
    throw new LeanmeshError('ERR_FILE_INVALID', `--key-file ${errorText(path)}: ${wrong}`)
  }
}

function together(pair: Record<string, string | undefined>): void {
  const missing = Object.keys(pair).filter((flag) => pair[flag] === undefined)
  if (missing.length === 1)
    throw new LeanmeshError('ERR_USAGE', `${Object.keys(pair).join(' and ')} go together; ${missing[0]} is missing`)
}
