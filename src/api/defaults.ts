/** The defaults of the schema, for specs that did not come from an API server; a test holds them against crds/. */
export const DEFAULTS = {
  pressure: {
    scope: 'Pod',
    method: 'Balloon',
    stepSize: '64Mi',
    stepIntervalMilliseconds: 100,
    holdSeconds: 2,
  },
  rounds: {count: 1, intervalSeconds: 15, stopEarly: false},
  criteria: {minReclaimedPercent: 10, minGrowth: '8Mi', idleSeconds: 30, minIdlePercent: 50},
  guards: {minNodeAvailable: '10%', maxPressurePercent: 40, maxCacheReclaimed: '512Mi', deadlineSeconds: 600},
} as const;
