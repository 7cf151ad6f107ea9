import { parser } from '@prometheus-io/lezer-promql'
import type { SyntaxNode } from '@lezer/common'

/** A selector of an expression: its metric, and the labels that its matchers name. */
export interface Selector {
  metric: string
  labels: string[]
}

export interface ParsedExpression {
  /** Where the grammar does not fit; empty for a right one. */
  problems: string[]
  selectors: Selector[]
  /** Labels of `by`, `without`, `on`, `ignoring` and `group_left`. */
  groupedBy: string[]
}

/** Grafana's variables, replaced by a value of the same kind. */
function withoutVariables(expression: string): string {
  return expression.replaceAll(/\$__rate_interval|\$__interval|\$__range/g, '5m').replaceAll(/\$\{?\w+\}?/g, 'any')
}

function selectorOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const metric = node.getChild('Identifier')
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  const labels = matchers.map((matcher) => matcher.getChild('LabelName')).filter((label) => label !== null)
  return { metric: metric === null ? '' : text(metric), labels: labels.map(text) }
}

export function parseExpression(expression: string): ParsedExpression {
  const source = withoutVariables(expression)
  const text = ({ from, to }: SyntaxNode) => source.slice(from, to)
  const parsed: ParsedExpression = { problems: [], selectors: [], groupedBy: [] }
  parser.parse(source).iterate({
    enter({ type, node }) {
      if (type.isError) parsed.problems.push(`does not parse at ${node.from}: ${source}`)
      if (type.name === 'VectorSelector') parsed.selectors.push(selectorOf(node, text))
      if (type.name === 'GroupingLabels') parsed.groupedBy.push(...node.getChildren('LabelName').map(text))
    },
  })
  return parsed
}
