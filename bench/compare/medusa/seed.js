// The demo store: npx medusa exec ./seed.js [PRODUCTS]. Prints the publishable key, which the Store
// API needs.
const { ContainerRegistrationKeys, Modules } = require('@medusajs/framework/utils');
const flows = require('@medusajs/medusa/core-flows');

const nouns = ['Tea', 'Lamp', 'Mug', 'Desk', 'Chair', 'Bowl', 'Rug', 'Clock'];
const colors = ['Blue', 'Oak', 'Linen', 'Wool', 'Green', 'Stone', 'Amber', 'Slate'];
const stock = 1000000;
const batch = 50;

module.exports.default = async function seed({ container, args }) {
  const products = Number(args[0] ?? 1000);
  const run = async (flow, input) => (await flow(container).run({ input })).result;
  const link = container.resolve(ContainerRegistrationKeys.LINK);
  const query = container.resolve(ContainerRegistrationKeys.QUERY);

  const [channel] = await run(flows.createSalesChannelsWorkflow, {
    salesChannelsData: [{ name: 'Bench' }],
  });
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [{
      name: 'Europe', currency_code: 'eur', countries: ['de'],
      payment_providers: ['pp_system_default'],
    }],
  });
  await run(flows.createTaxRegionsWorkflow, [{ country_code: 'de', provider_id: 'tp_system' }]);
  const [location] = await run(flows.createStockLocationsWorkflow, {
    locations: [{ name: 'Warehouse', address: { city: 'Berlin', country_code: 'DE', address_1: '' } }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: 'manual_manual' },
  });
  await run(flows.linkSalesChannelsToStockLocationWorkflow, { id: location.id, add: [channel.id] });
  const [profile] = await run(flows.createShippingProfilesWorkflow, {
    data: [{ name: 'Default', type: 'default' }],
  });
  const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: 'Delivery', type: 'shipping',
    service_zones: [{ name: 'Europe', geo_zones: [{ country_code: 'de', type: 'country' }] }],
  });
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_set_id: set.id },
  });
  await run(flows.createShippingOptionsWorkflow, [{
    name: 'Standard', price_type: 'flat', provider_id: 'manual_manual',
    service_zone_id: set.service_zones[0].id, shipping_profile_id: profile.id,
    type: { label: 'Standard', description: 'Standard', code: 'standard' },
    prices: [{ currency_code: 'eur', amount: 5 }],
    rules: [
      { attribute: 'enabled_in_store', value: 'true', operator: 'eq' },
      { attribute: 'is_return', value: 'false', operator: 'eq' },
    ],
  }]);
  const [key] = await run(flows.createApiKeysWorkflow, {
    api_keys: [{ title: 'Bench', type: 'publishable', created_by: '' }],
  });
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: key.id, add: [channel.id] });
  for (let first = 0; first < products; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, products - first) }, (_, i) => first + i);
    await run(flows.createProductsWorkflow, {
      products: numbers.map((i) => ({
        title: `${colors[i % colors.length]} ${nouns[(i >> 3) % nouns.length]} ${i}`,
        handle: `product-${i}`, description: 'A thing of the demo store.', status: 'published',
        shipping_profile_id: profile.id, sales_channels: [{ id: channel.id }],
        options: [{ title: 'Kind', values: ['one'] }],
        variants: [{
          title: 'one', sku: `SKU-${i}`, options: { Kind: 'one' }, manage_inventory: true,
          prices: [{ currency_code: 'eur', amount: (500 + (i % 5000)) / 100 }],
        }],
      })),
    });
  }
  const { data: items } = await query.graph({ entity: 'inventory_item', fields: ['id'] });
  await run(flows.createInventoryLevelsWorkflow, {
    inventory_levels: items.map((item) => ({
      location_id: location.id, stocked_quantity: stock, inventory_item_id: item.id,
    })),
  });
  console.log(`region ${region.id}`);
  console.log(`publishable key ${key.token}`);
};
