import { hash } from 'node:crypto'
import { readNow } from './read-now.ts'
import { tlsMaterial, type TlsMaterial } from './tls-material.ts'
import { parseWebConfig, type WebConfig } from './web-config.ts'

/** A web config with everything that it leads to. */
export interface LoadedWebConfig {
  config: WebConfig
  /** Absent: plain HTTP. */
  material: TlsMaterial | undefined
  /** Of the text of all its files: the same for the same content. */
  digest: string
}

/**
 * Reads a web config and the files that it names.
 *
 * @param onFile told of each file before it is read
 * @throws LeanmeshError that says what is wrong and with which file; no secret is in it
 */
export function loadWebConfig(path: string, onFile: (path: string) => void = () => undefined): LoadedWebConfig {
  const texts: string[] = []
  const read = (file: string): string => {
    onFile(file)
    const text = readNow(file)
    texts.push(text)
    return text
  }
  const config = parseWebConfig(read(path), path)
  const material = config.tls && tlsMaterial(config.tls, path, read)
  return { config, material, digest: hash('sha256', JSON.stringify(texts)) }
}
