/** What docs/scale.md says can be dropped, dropped by a real Prometheus that scrapes a real sidecar at rest. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startPrometheus } from '../support/prometheus.ts'
import { startRunningSidecar } from '../support/running-sidecar.ts'

const DOCUMENT = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8')
const WAIT_MS = 30_000

test('a Prometheus that drops what docs/scale.md names has as many series less of a sidecar without names', async () => {
  const [, block = ''] = /^```yaml\n(metric_relabel_configs:.*?)^```/ms.exec(DOCUMENT) ?? []
  const [, dropped, all] = /and no names (\d+) of (\d+):/.exec(DOCUMENT)?.map(Number) ?? []
  await using sidecar = await startRunningSidecar()
  await using prometheus = await startPrometheus({
    scrapeIntervalMs: 500,
    extraConfig: {
      scrape_configs: [
        { job_name: 'leanmesh', static_configs: [{ targets: [new URL(sidecar.url).host] }], ...parse(block) },
      ],
    },
  })
  await prometheus.waitForQuery('scrape_samples_scraped', ([row]) => row?.value === all, WAIT_MS)
  const difference = 'scrape_samples_scraped - scrape_samples_post_metric_relabeling'
  expect((await prometheus.query(difference)).map(({ value }) => value)).toEqual([dropped])
})
