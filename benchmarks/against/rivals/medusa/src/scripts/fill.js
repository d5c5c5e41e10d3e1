// Makes the goods and the promotions by Medusa's own workflows, and prints what a shopper needs as JSON.
const flows = require("@medusajs/medusa/core-flows");

const settings = JSON.parse(process.env.MEDUSA);

exports.default = async function fill({ container }) {
  const run = async (workflow, input) => (await workflow(container).run({ input })).result;
  const [channel] = await run(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: "Store" }] });
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [{ name: "Estonia", currency_code: "eur", countries: ["ee"], is_tax_inclusive: true }],
  });
  await run(flows.updatePricePreferencesWorkflow, {
    selector: { attribute: "currency_code", value: "eur" },
    update: { is_tax_inclusive: true },
  });
  await run(flows.createTaxRegionsWorkflow, [
    { country_code: "ee", provider_id: "tp_system", default_tax_rate: { rate: settings.vat, code: "vat", name: "VAT" } },
  ]);
  const [key] = await run(flows.createApiKeysWorkflow, {
    api_keys: [{ title: "Store", type: "publishable", created_by: "" }],
  });
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: key.id, add: [channel.id] });
  const products = await run(flows.createProductsWorkflow, {
    products: settings.goods.map(({ barcode, price }) => ({
      title: `goods ${barcode}`,
      handle: barcode,
      status: "published",
      options: [{ title: "Size", values: ["One"] }],
      variants: [
        {
          title: "One",
          sku: barcode,
          manage_inventory: false,
          options: { Size: "One" },
          prices: [{ currency_code: "eur", amount: Number(price) }],
        },
      ],
      sales_channels: [{ id: channel.id }],
    })),
  });
  const cheaper = new Set(settings.goods.filter((each) => each.cheaper).map(({ barcode }) => barcode));
  const ids = products.filter(({ handle }) => cheaper.has(handle)).map(({ id }) => id);
  const method = { type: "percentage", target_type: "items", allocation: "across", currency_code: "eur" };
  await run(flows.createPromotionsWorkflow, {
    promotionsData: [
      {
        ...{ code: "CHEAPER", type: "standard", status: "active", is_automatic: true, is_tax_inclusive: true },
        application_method: {
          ...method,
          value: settings.off,
          target_rules: [{ attribute: "items.product.id", operator: "in", values: ids }],
        },
      },
      {
        ...{ code: "LARGE", type: "standard", status: "active", is_automatic: true, is_tax_inclusive: true },
        rules: [{ attribute: "item_total", operator: "gte", values: [String((settings.large * (100 + settings.vat)) / 10000)] }],
        application_method: { ...method, value: settings.offLarge },
      },
    ],
  });
  const variants = Object.fromEntries(products.map(({ handle, variants: [{ id }] }) => [handle, id]));
  console.log(JSON.stringify({ key: key.token, region: region.id, variants }));
};
