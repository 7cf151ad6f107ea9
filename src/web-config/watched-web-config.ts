import { errorText, LeanmeshError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { loadWebConfig, type LoadedWebConfig } from './load-web-config.ts'
import { versionNow } from './read-now.ts'

/** A web config that may change while the sidecar runs. */
export interface WatchedWebConfig {
  /** The last good one, the same object until it changes. Its files are looked at now. */
  current(): LoadedWebConfig
  /** @throws LeanmeshError that says why what the files hold now does not count */
  refresh(): void
}

/** A change within one tick of the file system's clock leaves the same time and size, so a young file is read again. */
const YOUNG_MS = 2_000

/**
 * A web config that is read again when one of its files has changed. A bad new version keeps the last good one, because the
 * alternatives are to serve nobody or everybody.
 *
 * @throws LeanmeshError when the first version is bad
 */
export function watchWebConfig(path: string, log: Logger): WatchedWebConfig {
  let files = [path]
  let good = loadWebConfig(path, (file) => void files.push(file))
  let settled = ''
  let failure: LeanmeshError | undefined

  function reload(): void {
    const seen: string[] = [path]
    try {
      const loaded = loadWebConfig(path, (file) => void seen.push(file))
      if ((loaded.material === undefined) !== (good.material === undefined)) {
        const change = loaded.material ? 'adds tls_server_config' : 'has no tls_server_config any more'
        throw new LeanmeshError(
          'ERR_WEB_CONFIG',
          `${errorText(path)} ${change}; restart the sidecar to change between HTTP and HTTPS`,
        )
      }
      if (loaded.digest !== good.digest) {
        good = loaded
        log.info({ file: path }, 'the web config is read again')
      }
      failure = undefined
    } catch (error) {
      if (!(error instanceof LeanmeshError)) throw error
      if (failure?.message !== error.message)
        log.warn({ file: path }, `the web config is bad, so the last good one stays: ${error.message}`)
      failure = error
    }
    files = [...new Set(seen)]
  }

  function look(): void {
    const versions = files.map(versionNow)
    const key = versions.map(({ key }) => key).join(' ')
    if (key === settled) return
    reload()
    // Of the future, as after a clock was set back, a file is not young for ever.
    const isYoung = versions.some(({ changedMs }) => Math.abs(Date.now() - changedMs) < YOUNG_MS)
    // The versions are from before the reading: a change in between shows at the next look.
    settled = isYoung ? '' : key
  }

  return {
    current() {
      look()
      return good
    },
    refresh() {
      look()
      if (failure !== undefined) throw failure
    },
  }
}
