import { parseExposition } from '../../support/exposition.ts'

type Labels = Readonly<Record<string, string>>

/** The values of one answer of /metrics. */
export interface Exposition {
  /** Of the one series that has these labels; it may have others. */
  value(name: string, labels?: Labels): number | undefined
  /** Of all series of a metric. */
  all(name: string): number[]
  /** Over all series of a metric. */
  sum(name: string): number
  readonly counters: ReadonlyMap<string, number>
  readonly series: number
}

/** @throws Error when it breaks a rule of the format */
export function readExposition(text: string): Exposition {
  const families = parseExposition(text)
  const samples = families.flatMap((family) => family.samples.map((sample) => ({ ...sample, type: family.type })))
  const counters = samples.filter(({ type }) => type === 'counter')
  const fits = (has: ReadonlyMap<string, string>, wanted: Labels) =>
    Object.entries(wanted).every(([label, value]) => has.get(label) === value)
  const all = (name: string) => samples.filter((sample) => sample.name === name).map(({ value }) => value)
  return {
    value: (name, labels = {}) => samples.find((sample) => sample.name === name && fits(sample.labels, labels))?.value,
    all,
    sum: (name) => all(name).reduce((sum, value) => sum + value, 0),
    counters: new Map(counters.map(({ name, labels, value }) => [`${name} ${JSON.stringify([...labels])}`, value])),
    series: samples.length,
  }
}
