import { parseExposition } from './exposition.ts'

export interface Scrape {
  /** The value of a series by its name and all its labels; undefined when it is not there. */
  value(name: string, labels?: Record<string, string>): number | undefined
  /** The values of a family by one of its labels. */
  by(name: string, label: string): Record<string, number>
  /** Every series of every counter, as `name {labels}`. */
  counters(): Map<string, number>
}

/** What a Prometheus at this sidecar gets. */
export async function scrape(sidecarUrl: string): Promise<Scrape> {
  const response = await fetch(new URL('metrics', sidecarUrl))
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`)
  const families = parseExposition(await response.text())
  const samples = families.flatMap((family) => family.samples)
  const labelText = (labels: Iterable<[string, string]>) =>
    [...labels]
      .map((label) => label.join('='))
      .sort()
      .join()
  return {
    value: (name, labels = {}) =>
      samples.find((sample) => sample.name === name && labelText(sample.labels) === labelText(Object.entries(labels)))
        ?.value,
    by: (name, label) =>
      Object.fromEntries(
        samples.filter((sample) => sample.name === name).map(({ labels, value }) => [labels.get(label) ?? '', value]),
      ),
    counters: () =>
      new Map(
        families
          .filter(({ type }) => type === 'counter')
          .flatMap((family) => family.samples)
          .map(({ name, labels, value }) => [`${name} ${labelText(labels)}`, value]),
      ),
  }
}
