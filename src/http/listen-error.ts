import { errorText, LeanmeshError } from '../errors.ts'

const PORT_SETTING = '--http-port, LEANMESH_HTTP_PORT or http.port in the config file'
const HOST_SETTING = '--http-host, LEANMESH_HTTP_HOST or http.host in the config file'

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Says which setting to change when the admin server cannot listen. */
export function listenError(error: unknown, { host, port }: { host: string; port: number }): LeanmeshError {
  const options = { cause: error }
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    const message = `port ${port} on ${host} is in use by another program: set a free one with ${PORT_SETTING} (0 takes any free port)`
    return new LeanmeshError('ERR_HTTP_PORT_IN_USE', message, options)
  }
  if (code === 'EACCES') {
    const message = `no permission to listen on port ${port}: set one above 1023 with ${PORT_SETTING}`
    return new LeanmeshError('ERR_HTTP_PORT_NOT_ALLOWED', message, options)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAFNOSUPPORT') {
    const message = `${host} is not an address of this machine (${code}): set one with ${HOST_SETTING}, such as 127.0.0.1 or 0.0.0.0`
    return new LeanmeshError('ERR_HTTP_HOST_NOT_AVAILABLE', message, options)
  }
  const message = `cannot listen on ${host} port ${port}: ${errorText(error)}; see ${HOST_SETTING}, and ${PORT_SETTING}`
  return new LeanmeshError('ERR_HTTP_LISTEN', message, options)
}
