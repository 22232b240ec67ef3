// A Vendure server with a demo store for stoa-bench: node server.mjs FOLDER [PORT] [PRODUCTS].
// The database is SQLite in FOLDER, created by the first start; payments settle at once; the password
// of new customers needs no verification. docs/compare.md says what this comparison does not say.
import {
  bootstrap, dummyPaymentHandler, DefaultJobQueuePlugin, DefaultSearchPlugin, JobQueueService,
  LanguageCode,
} from '@vendure/core';
import { populate } from '@vendure/core/cli/index.js';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? 'data');
const port = Number(process.argv[3] ?? 3000);
const products = Number(process.argv[4] ?? 1000);
mkdirSync(folder, { recursive: true });
const database = join(folder, 'vendure.sqlite');
const isNew = !existsSync(database);

const config = {
  apiOptions: { port, hostname: '127.0.0.1', shopApiPath: 'shop-api', adminApiPath: 'admin-api' },
  authOptions: {
    tokenMethod: ['bearer'],
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
  },
  dbConnectionOptions: {
    type: 'better-sqlite3', database, synchronize: isNew, logging: false,
    // Durable commits, as Stoa's.
    prepareDatabase: (db) => db.pragma('synchronous = FULL'), enableWAL: true,
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [DefaultJobQueuePlugin.init({}), DefaultSearchPlugin.init({ bufferUpdates: false })],
};

const nouns = ['Tea', 'Lamp', 'Mug', 'Desk', 'Chair', 'Bowl', 'Rug', 'Clock'];
const colors = ['Blue', 'Oak', 'Linen', 'Wool', 'Green', 'Stone', 'Amber', 'Slate'];

function productFile() {
  const head = 'name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,'
    + 'stockOnHand,trackInventory,variantAssets,variantFacets';
  const rows = Array.from({ length: products }, (_, i) => {
    const name = `${colors[i % colors.length]} ${nouns[(i >> 3) % nouns.length]} ${i}`;
    return `${name},product-${i},A thing of the demo store.,,,,,SKU-${i},${(500 + i % 5000) / 100},`
      + 'standard,1000000,true,,';
  });
  const file = join(folder, 'products.csv');
  writeFileSync(file, [head, ...rows].join('\n') + '\n');
  return file;
}

const initialData = {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  countries: [{ name: 'Germany', code: 'DE', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 19 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
  paymentMethods: [{
    name: 'Standard Payment',
    handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
  }],
  collections: [],
};

async function reindex() {
  const ask = async (query, token) => {
    const response = await fetch(`http://127.0.0.1:${port}/admin-api`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query }),
    });
    return { token: response.headers.get('vendure-auth-token'), ...(await response.json()) };
  };
  const login = 'mutation { login(username: "superadmin", password: "superadmin") { __typename } }';
  const { token } = await ask(login);
  await ask('mutation { reindex { id } }', token);
  for (let pending = true; pending;) {
    await new Promise((done) => { setTimeout(done, 500); });
    const jobs = await ask('{ jobs(options: { filter: { isSettled: { eq: false } } }) { totalItems } }', token);
    pending = jobs.data.jobs.totalItems > 0;
  }
}

if (isNew) {
  const app = await populate(() => bootstrap(config), initialData, productFile());
  await app.close();
  config.dbConnectionOptions.synchronize = false;
}
const app = await bootstrap(config);
// The jobs, such as the search index, run in this process.
await app.get(JobQueueService).start();
if (isNew) await reindex();
console.log(`ready at http://127.0.0.1:${port}/shop-api`);
