/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', comment: 'No import runs in a circle.', from: {}, to: { circular: true } },
    {
      name: 'config-knows-nothing',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/', pathNot: '^src/config/' },
    },
    {
      name: 'log-knows-config-alone',
      severity: 'error',
      from: { path: '^src/log/' },
      to: { path: '^src/', pathNot: '^src/(log|config)/' },
    },
    {
      name: 'traces-know-config-and-log-alone',
      severity: 'error',
      from: { path: '^src/traces/' },
      to: { path: '^src/', pathNot: '^src/(traces|log|config)/' },
    },
    {
      name: 'down-the-house',
      severity: 'error',
      comment: 'What stores and sends messages does not know what listens to it.',
      from: {
        path: '^src/(graphql|access|database|drain|events|relay|recipients|messages|global-messages|paging|postgres|delivery|lookups|nodes|handlers)/',
      },
      to: { path: '^src/(gateway|health|cli|admin|tour)/' },
    },
    {
      name: 'handlers-are-not-known',
      severity: 'error',
      comment: 'What makes an event true knows who wants it by HandledEvents alone.',
      from: { path: '^src/[^/]+/', pathNot: '^src/(handlers|admin|mounted)/' },
      to: { path: '^src/handlers/' },
    },
    {
      name: 'resolvers-stay-out-of-the-database',
      severity: 'error',
      from: { path: '\\.resolver\\.ts$' },
      to: { path: '\\.(repository|entity)\\.ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: false,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
