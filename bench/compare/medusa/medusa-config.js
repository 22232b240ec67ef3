// A Medusa server for stoa-bench: docs/compare.md. DATABASE_URL names a PostgreSQL database.
const { defineConfig } = require('@medusajs/framework/utils');

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, sslmode: 'disable' },
    http: {
      storeCors: 'http://localhost', adminCors: 'http://localhost', authCors: 'http://localhost',
      jwtSecret: 'only for benchmarks', cookieSecret: 'only for benchmarks',
    },
  },
});
