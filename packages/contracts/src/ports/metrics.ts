/** Labels of one time series, such as `{ ring: 'ingress' }`. */
export type MetricLabels = Readonly<Record<string, string>>

/** Counts upwards. */
export interface Counter {
  add(count: number): void
}

/** Holds the newest value. */
export interface Gauge {
  set(value: number): void
}

/** Collects a distribution; values are in the unit that the metric's name ends with. */
export interface Histogram {
  record(value: number): void
}

/** Where a package's figures go. Instruments are made once, at set-up, never per event. */
export interface Metrics {
  counter(name: string, labels?: MetricLabels): Counter
  gauge(name: string, labels?: MetricLabels): Gauge
  histogram(name: string, labels?: MetricLabels): Histogram
}
