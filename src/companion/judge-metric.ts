import { distance } from 'fastest-levenshtein'
import type { LeanLabelValues, LeanMetric, LeanMetricName } from '../mesh/lean-metrics.ts'
import { NAME_PATTERN, UNKNOWN_NAME } from '../mesh/names.ts'
import { numberOf, type Sample } from './exposition-line.ts'
import type { Exposition, Family } from './exposition-parser.ts'
import { quoted } from './quoted.ts'

type NetworkMetric = LeanMetric & { name: LeanMetricName }

/** How one metric follows the specification. */
export interface MetricVerdict {
  metric: LeanMetricName
  verdict: 'conforms' | 'deviates' | 'absent'
  /** What deviates, a sentence each, safe to print; of an absent one what comes near it. */
  deviations: readonly string[]
}

/** More values than these say nothing more of what is wrong. */
const SHOWN_VALUES = 3
/** A name that differs by no more is a slip, and not another metric. */
const SLIP = 2

/** OpenMetrics names a counter without `_total` in HELP and TYPE; the older text format does not. */
export function metadataNames({ name, kind }: LeanMetric): string[] {
  return kind === 'counter' ? [name, name.replace(/_total$/, '')] : [name]
}

/** Compares what an exposition says of one metric with the specification: name, type, help, labels and buckets. */
export function judgeMetric(metric: NetworkMetric, exposition: Exposition, isOpenMetrics: boolean): MetricVerdict {
  const { family, misnamed } = familyOf(metric, exposition, isOpenMetrics)
  const verdict = (verdict: MetricVerdict['verdict'], deviations: readonly string[]): MetricVerdict => {
    return { metric: metric.name, verdict, deviations }
  }
  if (family === undefined) {
    const other = misnamed ?? slipOf(metric.name, exposition.otherNames)
    return other === undefined ? verdict('absent', []) : verdict('deviates', [`it is named ${quoted(other)}`])
  }
  const ofText = [...metadataDeviations(metric, family, misnamed), ...family.mistakes]
  if (family.samples.length === 0) {
    return ofText.length > 0 ? verdict('deviates', ofText) : verdict('absent', ['it is declared, but has no series'])
  }
  const deviations = [
    ...ofText,
    ...partDeviations(metric, family.samples),
    ...labelDeviations(metric, family.samples),
    ...namedDeviations(metric, family.samples),
    ...bucketDeviations(metric, family.samples),
  ]
  return verdict(deviations.length > 0 ? 'deviates' : 'conforms', deviations)
}

/** What there is of a metric; `misnamed` is the name of HELP and TYPE, or of series, where the format wants `_total`. */
function familyOf(metric: LeanMetric, { families }: Exposition, isOpenMetrics: boolean) {
  const own = families.get(metric.name)
  const [, bareName = ''] = metadataNames(metric)
  const bare = families.get(bareName)
  if (bare === undefined || bare === own) return { family: own, misnamed: undefined }
  const isRight = isOpenMetrics && bare.samples.length === 0
  if (own === undefined) {
    return { family: bare.samples.length > 0 ? undefined : bare, misnamed: isRight ? undefined : bareName }
  }
  const merged: Family = {
    ...bare,
    ...own,
    samples: own.samples,
    mistakes: new Set([...bare.mistakes, ...own.mistakes]),
  }
  return { family: merged, misnamed: isRight || own.type !== undefined ? undefined : bareName }
}

function slipOf(name: string, others: ReadonlySet<string>): string | undefined {
  return [...others].find((other) => Math.abs(other.length - name.length) <= SLIP && distance(name, other) <= SLIP)
}

function metadataDeviations({ kind, help }: LeanMetric, family: Family, misnamed: string | undefined): string[] {
  const deviations: string[] = []
  if (misnamed !== undefined)
    deviations.push(`HELP and TYPE are of ${quoted(misnamed)}, which only OpenMetrics takes for a counter's name`)
  if (family.type === undefined) deviations.push(`it has no TYPE line; its type is ${kind}`)
  else if (family.type !== kind) deviations.push(`its type is ${quoted(family.type)} and should be ${kind}`)
  if (family.help === undefined) deviations.push(`it has no HELP line; its help is ${quoted(help)}`)
  // Some libraries for OpenMetrics end every help text with a full stop, and leave no choice.
  else if (family.help.trimEnd().replace(/\.$/, '') !== help)
    deviations.push(`its help is ${quoted(family.help)} and should be ${quoted(help)}`)
  return deviations
}

function partDeviations({ name, kind }: LeanMetric, samples: readonly Sample[]): string[] {
  const parts = new Set(samples.map((sample) => sample.name))
  const expected = kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name]
  const missing = expected.filter((part) => !parts.has(part)).map((part) => `it has no series ${part}`)
  const others = [...parts].filter((part) => !expected.includes(part))
  return [...missing, ...others.map((part) => `it has the series ${part}, which a ${kind} has not`)]
}

function labelDeviations({ labels: specified, buckets }: LeanMetric, samples: readonly Sample[]): string[] {
  const missing = new Set<string>()
  const others = new Set<string>()
  const wrongValues = new Map<string, Set<string>>()
  for (const { name, labels } of samples) {
    for (const label of Object.keys(specified)) if (!labels.has(label)) missing.add(label)
    for (const [label, value] of labels) {
      if (label === 'le' && buckets !== undefined && name.endsWith('_bucket')) continue
      const values = Object.hasOwn(specified, label) ? specified[label] : undefined
      if (values === undefined) others.add(label)
      else if (!isAllowed(value, values)) wrongValues.set(label, (wrongValues.get(label) ?? new Set()).add(value))
    }
  }
  return [
    ...[...missing].map((label) => `the label ${label} is missing`),
    ...(others.size > 0 ? [`${listed(others)} ${others.size === 1 ? 'is no label' : 'are no labels'} of it`] : []),
    ...[...wrongValues].map(([label, values]) => {
      return `the label ${label} is ${listed(values)} and should be ${allowedText(specified[label] ?? 'open')}`
    }),
  ]
}

/** A name is that of one peer, so that its series can be no more than 1. */
function namedDeviations({ labels }: LeanMetric, samples: readonly Sample[]): string[] {
  if (labels['client'] !== 'client') return []
  const tooMany = samples.find(({ labels, value }) => NAME_PATTERN.test(labels.get('client') ?? '') && value > 1)
  if (tooMany === undefined) return []
  const name = quoted(tooMany.labels.get('client') ?? '', 40)
  return [`client ${name} has ${tooMany.value} and is one peer: is it the client's own name, or a count of topics?`]
}

function isAllowed(value: string, values: LeanLabelValues): boolean {
  if (values === 'open') return value !== ''
  if (values === 'client') return value === UNKNOWN_NAME || NAME_PATTERN.test(value)
  return values.includes(value)
}

function allowedText(values: LeanLabelValues): string {
  if (values === 'open') return 'a text'
  return values === 'client' ? '<client>_<N> of the remote peer, or unknown' : values.join(' or ')
}

function bucketDeviations({ name, buckets }: LeanMetric, samples: readonly Sample[]): string[] {
  if (buckets === undefined) return []
  const ofBuckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  if (ofBuckets.length === 0) return []
  const bounds = new Set(ofBuckets.map(({ labels }) => numberOf(labels.get('le') ?? '') ?? Number.NaN))
  const expected = [...buckets, Infinity]
  if (bounds.size === expected.length && expected.every((bound) => bounds.has(bound))) return []
  const shown = [...bounds].slice(0, expected.length * 2).sort((a, b) => a - b)
  return [`its buckets are ${shown.map(boundText).join(', ')} and should be ${expected.map(boundText).join(', ')}`]
}

function boundText(bound: number): string {
  return bound === Infinity ? '+Inf' : String(bound)
}

/** Some of the values, in quotes. */
function listed(values: ReadonlySet<string>): string {
  const shown = [...values].slice(0, SHOWN_VALUES).map((value) => quoted(value, 40))
  return values.size > SHOWN_VALUES ? `${shown.join(', ')} and ${values.size - SHOWN_VALUES} more` : shown.join(', ')
}
