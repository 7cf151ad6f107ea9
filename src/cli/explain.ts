import { quoted } from '../companion/quoted.ts'
import { readAnswer } from '../companion/read-metrics.ts'
import { LeanmeshError } from '../errors.ts'
import type { Cause } from '../verdict/cause.ts'
import { causesOf } from '../verdict/causes.ts'
import type { MeshDocument } from '../verdict/mesh-document.ts'
import { version } from '../version.ts'
import { EXIT_BAD_INPUT, EXIT_FAILURE, EXIT_OK } from './exit-codes.ts'
import { explainAccess, explainAdvice } from './explain-access.ts'
import type { ExplainOptions } from './explain-options.ts'
import { writeLine, type CommandIo } from './io.ts'
import { parseMeshDocument } from './parse-mesh-document.ts'
import { textColumns, wrapped } from './wrapped.ts'

const PATH = 'v1/mesh'
const WANTED = { accept: 'application/json', exampleUrl: 'http://127.0.0.1:9464/', path: `/${PATH}` }
const MS_PER_SECOND = 1000

type Read = { document: MeshDocument } | { reason: string; detail: string }

/** `leanmesh explain`: says why the mesh of a running sidecar is as it is. */
export async function explainCommand(url: string, options: ExplainOptions, io: CommandIo): Promise<number> {
  const read = await readDocument(url, options)
  if (!('document' in read)) {
    const error = { reason: read.reason, message: read.detail }
    if (options.json === true) writeLine(io.stdout, JSON.stringify({ isWell: false, error }, undefined, 2))
    writeLine(io.stderr, `leanmesh: ${read.detail}`)
    return EXIT_BAD_INPUT
  }
  const causes = causesOf(read.document)
  const isWell = causes.every(({ level }) => level !== 'wrong')
  const { version: sidecarVersion, generatedAt } = read.document
  if (options.json === true)
    writeLine(io.stdout, JSON.stringify({ isWell, version: sidecarVersion, generatedAt, causes }, undefined, 2))
  else writeLine(io.stdout, explanation(causes, textColumns(io.stdout.columns)))
  return isWell ? EXIT_OK : EXIT_FAILURE
}

async function readDocument(given: string, explainOptions: ExplainOptions): Promise<Read> {
  const { timeout } = explainOptions
  const access = await explainAccess(explainOptions).catch((error: unknown) => {
    if (error instanceof LeanmeshError) return error
    throw error
  })
  if (access instanceof LeanmeshError) return { reason: 'bad_option', detail: access.message }
  const decoder = new TextDecoder()
  let text = ''
  const options = {
    url: documentUrl(given),
    givenAs: 'the URL',
    userAgent: `leanmesh/${version}`,
    wanted: WANTED,
    access,
    advice: explainAdvice(explainOptions),
    ...(timeout !== undefined && { timeoutMs: timeout * MS_PER_SECOND }),
  }
  const reading = await readAnswer(options, (chunk) => void (text += decoder.decode(chunk, { stream: true })))
  if (!reading.ok) return reading
  const document = parseMeshDocument(text)
  if (typeof document !== 'string') return { document }
  const detail = `the answer of ${quoted(options.url)} ${document}: is the URL that of a leanmesh sidecar?`
  return { reason: 'not_a_sidecar', detail }
}

/** Where the document is, of the sidecar that has this URL, or the URL of a page of it. */
function documentUrl(given: string): string {
  const url = URL.parse(given)
  if (url === null || url.pathname.endsWith(`/${PATH}`)) return given
  return new URL(PATH, url).href
}

/** The causes in their order, each with its evidence, between the networks' names where there are several. */
function explanation(causes: readonly Cause[], columns: number): string {
  const hasSeveral = new Set(causes.map(({ networkId }) => networkId).filter((id) => id !== undefined)).size > 1
  const paragraphs = causes.map(({ level, networkId, sentence, evidence }, index) => {
    const where = hasSeveral && networkId !== undefined ? `Network ${networkId}: ` : ''
    const mark = `${index + 1}. `.padEnd(4)
    const also = level === 'note' ? 'Note: ' : ''
    const rows = evidence.map((text) => wrapped(text, columns, '    - '))
    return [wrapped(`${where}${also}${sentence}`, columns, mark), ...rows].join('\n')
  })
  return paragraphs.join('\n')
}
