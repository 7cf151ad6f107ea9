import type { Logger } from '../../src/log.ts'

const ignore = () => undefined

export const silentLog: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
