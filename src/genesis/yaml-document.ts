import { LineCounter, parseDocument, type Document } from 'yaml'
import { errorText, LeanmeshError } from '../errors.ts'

/** A file that was read but is wrong: every mistake in it, each a sentence that begins with `<path>:<line>:`. */
export class FileError extends LeanmeshError {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super('ERR_FILE_INVALID', problems.join('; '))
    this.problems = problems
  }
}

/** A parsed file, and the line of each of its nodes. */
export interface YamlDocument {
  document: Document
  /** The file's content as plain data: mappings, lists, and texts. Throws FileError where its aliases make no sense. */
  content(): unknown
  /** `<path>:<line>` of a node of the document. */
  at(node: unknown): string
}

const TOO_DEEP = 'this is nested too deeply'
const BAD_ALIAS = 'an alias has no anchor before it, or stands for too much'

function plainContent(document: Document, shown: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new FileError([`${shown}: ${error instanceof RangeError ? TOO_DEEP : BAD_ALIAS}`])
  }
}

/** What is wrong, by its kind alone: the parser's own sentences show pieces of the file, and files hold keys. */
function mistake({ code }: { code: string }): string {
  return `this is not well-formed YAML: ${code.toLowerCase().replaceAll('_', ' ')}`
}

/**
 * Parses YAML, or JSON, without implicit types: every scalar is a text. A key of 64 digits, or one such as `12e4…`, would
 * otherwise become a number and lose most of its digits.
 *
 * @throws FileError when the text is empty or not well-formed
 */
export function parseYaml(text: string, path: string): YamlDocument {
  const shown = errorText(path)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const atOffset = (offset: number | undefined) =>
    offset === undefined ? shown : `${shown}:${lines.linePos(offset).line}`
  // The parser ran out of stack; what it says after that is of its own making.
  const tooDeep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (tooDeep) throw new FileError([`${atOffset(tooDeep.pos[0])}: ${TOO_DEEP}`])
  if (document.errors.length > 0) {
    throw new FileError(document.errors.slice(0, 5).map((error) => `${atOffset(error.pos[0])}: ${mistake(error)}`))
  }
  if (document.contents === null) throw new FileError([`${shown}: the file is empty`])
  return {
    document,
    content: () => plainContent(document, shown),
    at: (node) => atOffset((node as { range?: readonly number[] | null } | null)?.range?.[0]),
  }
}
