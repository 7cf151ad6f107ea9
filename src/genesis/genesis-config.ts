import * as z from 'zod'
import { readTextFile } from './read-text-file.ts'
import { FileError, parseYaml } from './yaml-document.ts'
import { errorText } from '../errors.ts'

/** More subnets than this are a mistake in the file: each is a topic to join and a series to publish. */
const MAX_SUBNETS = 64

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number)

/** 2100-01-01, and not a time in milliseconds. */
const MAX_GENESIS_TIME = 4_102_444_800

/** Only what a monitor needs; the file has more, and newer devnets add to it. */
const schema = z.object({
  ATTESTATION_COMMITTEE_COUNT: wholeNumber
    .pipe(z.number().min(1, 'must be at least 1').max(MAX_SUBNETS, `must be at most ${MAX_SUBNETS}`))
    .default(1),
  GENESIS_TIME: wholeNumber
    .pipe(
      z
        .number()
        .max(MAX_GENESIS_TIME, 'must be a time in seconds since the Unix epoch; use 1770407233 and not 1770407233000'),
    )
    .optional(),
})

export interface GenesisConfig {
  /** The number of attestation subnets. */
  attestationCommitteeCount: number
  /** When slot 0 began, in seconds since the Unix epoch; absent where the file does not say. */
  genesisTimeSeconds?: number
}

/**
 * Reads a genesis `config.yaml`.
 *
 * @throws FileError
 */
export function parseGenesisConfig(text: string, path: string): GenesisConfig {
  const result = schema.safeParse(parseYaml(text, path).content())
  if (!result.success) {
    const sentence = (issue: z.core.$ZodIssue) =>
      `${errorText(path)}: ${issue.path.join('.') || 'the file'} ${issue.message}`
    throw new FileError(result.error.issues.map(sentence))
  }
  const { ATTESTATION_COMMITTEE_COUNT, GENESIS_TIME } = result.data
  return {
    attestationCommitteeCount: ATTESTATION_COMMITTEE_COUNT,
    ...(GENESIS_TIME !== undefined && { genesisTimeSeconds: GENESIS_TIME }),
  }
}

export async function readGenesisConfig(path: string): Promise<GenesisConfig> {
  return parseGenesisConfig(await readTextFile(path, 16 * 1024 * 1024), path)
}
